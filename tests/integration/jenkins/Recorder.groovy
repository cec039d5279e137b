/** Stands behind a block of directives: hands each to the one who knows it, and refuses the others. */
class Recorder {

    private final Map<String, Closure> known
    private final Map<String, String> assigned

    private Recorder(Map<String, Closure> known, Map<String, String> assigned) {
        this.known = known
        this.assigned = assigned
    }

    static void run(Closure block, Map<String, Closure> known, Map<String, String> assigned = [:]) {
        if (block != null) {
            Closure bound = block.rehydrate(new Recorder(known, assigned), block.owner, block.thisObject)
            bound.resolveStrategy = Closure.DELEGATE_ONLY
            bound()
        }
    }

    Object invokeMethod(String name, Object given) {
        if (!known.containsKey(name)) {
            throw new Refused("the driver does not know the directive ${name}")
        }
        return known[name].call(*given)
    }

    Object getProperty(String name) {
        return invokeMethod(name, [] as Object[])
    }

    void setProperty(String name, Object value) {
        assigned[name] = value as String
    }

}

/** A step that failed: the build becomes what `result` says. */
class Failed extends Exception {

    final String result

    Failed(String message, String result = 'FAILURE') {
        super(message)
        this.result = result
    }

}

/** What the driver refuses. It is no exception, so that nothing which a build survives can swallow it. */
class Refused extends Error {

    Refused(String message) {
        super(message)
    }

}

package io.mpquic.cli.demo;

/** A tunnel of the demonstration did not do what it should. */
final class DemoFailure extends Exception {
    private static final long serialVersionUID = 1L;

    DemoFailure(String message) {
        super(message);
    }
}

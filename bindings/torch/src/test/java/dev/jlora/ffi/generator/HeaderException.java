package dev.jlora.ffi.generator;

/** What the generator cannot make Java of, with the file and the line. */
final class HeaderException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HeaderException(String file, int line, String message) {
    super("%s:%d: %s".formatted(file, line, message));
  }
}

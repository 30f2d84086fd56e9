package dev.jlora.natives;

import java.nio.file.Path;

/** A process that needs an unpacked jar: {@code UnpackMain JAR CACHE}. */
final class UnpackMain {
  private UnpackMain() {}

  public static void main(String[] args) {
    Path folder =
        new NativeCache(Path.of(args[1]), true).unpacked(TestJars.bundle(Path.of(args[0])));
    System.out.println("unpacked " + folder.getFileName());
  }
}

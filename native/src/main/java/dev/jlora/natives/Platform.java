package dev.jlora.natives;

import java.util.Locale;
import java.util.Set;

/**
 * An operating system and a processor, named like the Maven classifiers of the natives.
 *
 * @param name for example {@code linux-x86_64}
 * @param elfMachine the machine number in the header of its ELF files
 */
record Platform(String name, int elfMachine) {
  static final Platform LINUX_X86_64 = new Platform("linux-x86_64", 62);
  static final Platform LINUX_ARM64 = new Platform("linux-arm64", 183);

  private static final Set<String> X86 = Set.of("amd64", "x86_64");
  private static final Set<String> ARM = Set.of("aarch64", "arm64");

  static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /**
   * @param os as in the system property {@code os.name}
   * @param architecture as in the system property {@code os.arch}
   * @throws NativeLoadException if jlora does not support the platform
   */
  static Platform of(String os, String architecture) {
    if (os.toLowerCase(Locale.ROOT).startsWith("linux")) {
      if (X86.contains(architecture)) {
        return LINUX_X86_64;
      }
      if (ARM.contains(architecture)) {
        return LINUX_ARM64;
      }
    }
    throw new NativeLoadException(
        "This machine is %s on %s; jlora runs on Linux on x86_64 or arm64."
            .formatted(os, architecture),
        "run it in a Linux container or virtual machine (on Windows: WSL 2).");
  }
}

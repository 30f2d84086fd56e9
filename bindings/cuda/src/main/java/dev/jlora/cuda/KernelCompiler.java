package dev.jlora.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.Library;
import dev.jlora.ffi.cuda.Nvrtc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Compiles kernels in this process; needs no GPU. */
public final class KernelCompiler {
  /** {@code gelu.cu(12): error: ...}. */
  private static final Pattern ERROR = Pattern.compile("(?m)^(\\S+)\\((\\d+)\\): .*error.*$");

  private static final int LOG_LINES = 30;

  private final Nvrtc nvrtc;

  KernelCompiler(Nvrtc nvrtc) {
    this.nvrtc = nvrtc;
  }

  /**
   * The compiler of the installed CUDA.
   *
   * @throws dev.jlora.natives.NativeLoadException if there is none
   */
  public static KernelCompiler load() {
    return new KernelCompiler(Nvrtc.load());
  }

  /** Its version, such as {@code NVRTC 13.0}. */
  public String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(JAVA_INT);
      MemorySegment minor = arena.allocate(JAVA_INT);
      check(nvrtc.version(major, minor), "nvrtcVersion");
      return "NVRTC %d.%d".formatted(major.get(JAVA_INT, 0), minor.get(JAVA_INT, 0));
    }
  }

  /**
   * Compiles to machine code.
   *
   * @param architecture such as {@code sm_90}
   * @throws CudaException if the source has an error, with its line; or if this compiler does not
   *     support the GPU
   */
  public byte[] compile(KernelBuild build, String architecture) {
    try (Arena arena = Arena.ofConfined()) {
      KernelSource source = build.source();
      MemorySegment program = arena.allocate(JAVA_LONG);
      check(
          nvrtc.createProgram(
              program,
              arena.allocateFrom(source.text()),
              arena.allocateFrom(source.name()),
              1,
              strings(arena, List.of(source.header())),
              strings(arena, List.of(KernelSource.HEADER_NAME))),
          "nvrtcCreateProgram(" + source.name() + ")");
      try {
        return compile(arena, program.get(JAVA_LONG, 0), build, architecture);
      } finally {
        check(nvrtc.destroyProgram(program), "nvrtcDestroyProgram");
      }
    }
  }

  private byte[] compile(Arena arena, long program, KernelBuild build, String architecture) {
    List<String> options = build.options(architecture);
    int code = nvrtc.compileProgram(program, options.size(), strings(arena, options));
    if (code == CudaError.NVRTC_ERROR_COMPILATION.code()) {
      throw refused(build, architecture, log(arena, program));
    }
    String call =
        "compiling %s for %s with %s".formatted(build.source().name(), architecture, options);
    check(code, call);
    MemorySegment size = arena.allocate(JAVA_LONG);
    check(nvrtc.getCubinSize(program, size), "nvrtcGetCUBINSize");
    MemorySegment image = arena.allocate(size.get(JAVA_LONG, 0));
    check(nvrtc.getCubin(program, image), "nvrtcGetCUBIN");
    return image.toArray(JAVA_BYTE);
  }

  private String log(Arena arena, long program) {
    MemorySegment size = arena.allocate(JAVA_LONG);
    check(nvrtc.getProgramLogSize(program, size), "nvrtcGetProgramLogSize");
    MemorySegment log = arena.allocate(Math.max(1, size.get(JAVA_LONG, 0)));
    check(nvrtc.getProgramLog(program, log), "nvrtcGetProgramLog");
    return log.getString(0);
  }

  private CudaException refused(KernelBuild build, String architecture, String log) {
    Matcher error = ERROR.matcher(log);
    String where = "";
    if (error.find()) {
      int number = Integer.parseInt(error.group(2));
      String line = build.source().line(error.group(1), number).strip();
      where = "%n  line %d of %s: %s".formatted(number, error.group(1), line);
    }
    return new CudaException(
        "%s does not compile for %s with %s (%s).%s%n%s"
            .formatted(
                build.source().name(),
                architecture,
                build.macros(),
                version(),
                where,
                shortened(log)),
        CudaError.NVRTC_ERROR_COMPILATION.remedy(),
        Optional.of(CudaError.NVRTC_ERROR_COMPILATION));
  }

  private static String shortened(String log) {
    return log.lines()
        .limit(LOG_LINES)
        .map(line -> "  | " + line)
        .collect(Collectors.joining("\n"));
  }

  private static MemorySegment strings(Arena arena, List<String> texts) {
    MemorySegment array = arena.allocate(ADDRESS, texts.size());
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return array;
  }

  private static void check(int code, String call) {
    CudaException.check(Library.NVRTC, code, () -> call);
  }
}

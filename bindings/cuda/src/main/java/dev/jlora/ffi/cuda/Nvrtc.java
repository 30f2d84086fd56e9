// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * NVRTC: compiles CUDA C++ in this process, without a GPU. Methods return 0 or an error code,
 * unless stated otherwise.
 */
public final class Nvrtc extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public Nvrtc(SymbolLookup symbols) {
    super(symbols, Library.NVRTC);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static Nvrtc load() {
    return new Nvrtc(Library.NVRTC.symbols());
  }

  private static final FunctionDescriptor VERSION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle version = function("nvrtcVersion", VERSION);

  /**
   * The version of the compiler.
   *
   * <pre>{@code
   * int32_t nvrtcVersion(int32_t *major, int32_t *minor);
   * }</pre>
   */
  public int version(MemorySegment major, MemorySegment minor) {
    try {
      return (int) version.invokeExact(major, minor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_NUM_SUPPORTED_ARCHS =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getNumSupportedArchs =
      function("nvrtcGetNumSupportedArchs", GET_NUM_SUPPORTED_ARCHS);

  /**
   * The number of supported architectures.
   *
   * <pre>{@code
   * int32_t nvrtcGetNumSupportedArchs(int32_t *count);
   * }</pre>
   */
  public int getNumSupportedArchs(MemorySegment count) {
    try {
      return (int) getNumSupportedArchs.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_SUPPORTED_ARCHS =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getSupportedArchs =
      function("nvrtcGetSupportedArchs", GET_SUPPORTED_ARCHS);

  /**
   * The supported architectures, such as 90 for sm_90.
   *
   * <pre>{@code
   * int32_t nvrtcGetSupportedArchs(int32_t *architectures);
   * }</pre>
   */
  public int getSupportedArchs(MemorySegment architectures) {
    try {
      return (int) getSupportedArchs.invokeExact(architectures);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor CREATE_PROGRAM =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle createProgram = function("nvrtcCreateProgram", CREATE_PROGRAM);

  /**
   * Creates a program; headers are sources, found by #include under header_names.
   *
   * <pre>{@code
   * int32_t nvrtcCreateProgram(jlora_program *program, const char *source, const char *name,
   *                            int32_t count, const char *const *headers,
   *                            const char *const *header_names);
   * }</pre>
   */
  public int createProgram(
      MemorySegment program,
      MemorySegment source,
      MemorySegment name,
      int count,
      MemorySegment headers,
      MemorySegment headerNames) {
    try {
      return (int) createProgram.invokeExact(program, source, name, count, headers, headerNames);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COMPILE_PROGRAM =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS);
  private final MethodHandle compileProgram = function("nvrtcCompileProgram", COMPILE_PROGRAM);

  /**
   * Compiles a program; the log has the errors.
   *
   * <pre>{@code
   * int32_t nvrtcCompileProgram(jlora_program program, int32_t count, const char *const *options);
   * }</pre>
   */
  public int compileProgram(long program, int count, MemorySegment options) {
    try {
      return (int) compileProgram.invokeExact(program, count, options);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_PROGRAM_LOG_SIZE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getProgramLogSize =
      function("nvrtcGetProgramLogSize", GET_PROGRAM_LOG_SIZE);

  /**
   * The size of the log in bytes, including the terminating null.
   *
   * <pre>{@code
   * int32_t nvrtcGetProgramLogSize(jlora_program program, size_t *bytes);
   * }</pre>
   */
  public int getProgramLogSize(long program, MemorySegment bytes) {
    try {
      return (int) getProgramLogSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_PROGRAM_LOG =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getProgramLog = function("nvrtcGetProgramLog", GET_PROGRAM_LOG);

  /**
   * Copies the log.
   *
   * <pre>{@code
   * int32_t nvrtcGetProgramLog(jlora_program program, char *log);
   * }</pre>
   */
  public int getProgramLog(long program, MemorySegment log) {
    try {
      return (int) getProgramLog.invokeExact(program, log);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_CUBIN_SIZE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getCubinSize = function("nvrtcGetCUBINSize", GET_CUBIN_SIZE);

  /**
   * The size of the CUBIN in bytes; 0 for a virtual architecture.
   *
   * <pre>{@code
   * int32_t nvrtcGetCUBINSize(jlora_program program, size_t *bytes);
   * }</pre>
   */
  public int getCubinSize(long program, MemorySegment bytes) {
    try {
      return (int) getCubinSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_CUBIN =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getCubin = function("nvrtcGetCUBIN", GET_CUBIN);

  /**
   * Copies the CUBIN.
   *
   * <pre>{@code
   * int32_t nvrtcGetCUBIN(jlora_program program, char *image);
   * }</pre>
   */
  public int getCubin(long program, MemorySegment image) {
    try {
      return (int) getCubin.invokeExact(program, image);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_PTX_SIZE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getPtxSize = function("nvrtcGetPTXSize", GET_PTX_SIZE);

  /**
   * The size of the PTX in bytes, including the terminating null.
   *
   * <pre>{@code
   * int32_t nvrtcGetPTXSize(jlora_program program, size_t *bytes);
   * }</pre>
   */
  public int getPtxSize(long program, MemorySegment bytes) {
    try {
      return (int) getPtxSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_PTX =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getPtx = function("nvrtcGetPTX", GET_PTX);

  /**
   * Copies the PTX.
   *
   * <pre>{@code
   * int32_t nvrtcGetPTX(jlora_program program, char *ptx);
   * }</pre>
   */
  public int getPtx(long program, MemorySegment ptx) {
    try {
      return (int) getPtx.invokeExact(program, ptx);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DESTROY_PROGRAM =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle destroyProgram = function("nvrtcDestroyProgram", DESTROY_PROGRAM);

  /**
   * Destroys a program, and sets the variable to 0.
   *
   * <pre>{@code
   * int32_t nvrtcDestroyProgram(jlora_program *program);
   * }</pre>
   */
  public int destroyProgram(MemorySegment program) {
    try {
      return (int) destroyProgram.invokeExact(program);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_ERROR_STRING =
      FunctionDescriptor.of(ADDRESS, JAVA_INT);
  private final MethodHandle getErrorString = function("nvrtcGetErrorString", GET_ERROR_STRING);

  /**
   * The description of an error code; a static string.
   *
   * <pre>{@code
   * const char *nvrtcGetErrorString(int32_t code);
   * }</pre>
   */
  public MemorySegment getErrorString(int code) {
    try {
      return (MemorySegment) getErrorString.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new Nvrtc(name -> Optional.empty()).declared();
  }
}

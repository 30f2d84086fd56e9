package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * NVRTC: compiles CUDA C++ inside this process; needs no card. What is returned is 0 or an error
 * code, unless a method says otherwise.
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
    return new Nvrtc(CudaLibraries.nvrtc());
  }

  private final MethodHandle version = function("nvrtcVersion", JAVA_INT, ADDRESS, ADDRESS);

  /** The version of the compiler. */
  public int version(MemorySegment major, MemorySegment minor) {
    try {
      return (int) version.invokeExact(major, minor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getNumSupportedArchs =
      function("nvrtcGetNumSupportedArchs", JAVA_INT, ADDRESS);

  /** How many architectures it compiles for. */
  public int getNumSupportedArchs(MemorySegment count) {
    try {
      return (int) getNumSupportedArchs.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getSupportedArchs =
      function("nvrtcGetSupportedArchs", JAVA_INT, ADDRESS);

  /** Which: 90 for sm_90. */
  public int getSupportedArchs(MemorySegment architectures) {
    try {
      return (int) getSupportedArchs.invokeExact(architectures);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle createProgram =
      function(
          "nvrtcCreateProgram", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  /** A program; headers are texts with the names that #include finds them by. */
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

  private final MethodHandle compileProgram =
      function("nvrtcCompileProgram", JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS);

  /** Compiles it; the log says why not. */
  public int compileProgram(long program, int count, MemorySegment options) {
    try {
      return (int) compileProgram.invokeExact(program, count, options);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getProgramLogSize =
      function("nvrtcGetProgramLogSize", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Bytes of the log, with its end. */
  public int getProgramLogSize(long program, MemorySegment bytes) {
    try {
      return (int) getProgramLogSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getProgramLog =
      function("nvrtcGetProgramLog", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The log. */
  public int getProgramLog(long program, MemorySegment log) {
    try {
      return (int) getProgramLog.invokeExact(program, log);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getCubinSize =
      function("nvrtcGetCUBINSize", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Bytes of the machine code, 0 if the architecture was a virtual one. */
  public int getCubinSize(long program, MemorySegment bytes) {
    try {
      return (int) getCubinSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getCubin = function("nvrtcGetCUBIN", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The machine code. */
  public int getCubin(long program, MemorySegment image) {
    try {
      return (int) getCubin.invokeExact(program, image);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getPtxSize = function("nvrtcGetPTXSize", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Bytes of the PTX, with its end. */
  public int getPtxSize(long program, MemorySegment bytes) {
    try {
      return (int) getPtxSize.invokeExact(program, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getPtx = function("nvrtcGetPTX", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The PTX. */
  public int getPtx(long program, MemorySegment ptx) {
    try {
      return (int) getPtx.invokeExact(program, ptx);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle destroyProgram = function("nvrtcDestroyProgram", JAVA_INT, ADDRESS);

  /** Frees it, and sets the variable to 0. */
  public int destroyProgram(MemorySegment program) {
    try {
      return (int) destroyProgram.invokeExact(program);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorString = function("nvrtcGetErrorString", ADDRESS, JAVA_INT);

  /** What a code means, borrowed for good. */
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

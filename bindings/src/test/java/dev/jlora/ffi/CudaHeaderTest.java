package dev.jlora.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.ffi.cuda.CuBlas;
import dev.jlora.ffi.cuda.CuBlasHandles;
import dev.jlora.ffi.cuda.CuBlasLt;
import dev.jlora.ffi.cuda.CudaDriver;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.ffi.cuda.CudaStreams;
import dev.jlora.ffi.cuda.CudaValues;
import dev.jlora.ffi.cuda.Nccl;
import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.ffi.cuda.TorchCuda;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Holds the downcalls into CUDA's libraries against their C header, both ways; needs no CUDA. */
class CudaHeaderTest {
  static final Path HEADER = Path.of("../native/src/main/c/jlora_cuda.h");

  private static Map<String, FunctionDescriptor> downcalls() {
    Map<String, FunctionDescriptor> all = new TreeMap<>();
    List.of(
            CudaDriver.declarations(),
            CudaMemory.declarations(),
            CudaStreams.declarations(),
            CudaRuntime.declarations(),
            CuBlas.declarations(),
            CuBlasHandles.declarations(),
            CuBlasLt.declarations(),
            Nvrtc.declarations(),
            TorchCuda.declarations(),
            Nccl.declarations())
        .forEach(all::putAll);
    return all;
  }

  @Test
  void functions_are_those_of_the_header() throws IOException {
    assertThat(CHeader.read(HEADER)).hasSizeGreaterThan(100).isEqualTo(downcalls());
  }

  @Test
  void values_are_those_of_the_header() throws Exception {
    Map<String, Integer> java = new TreeMap<>();
    for (Field field : CudaValues.class.getFields()) {
      java.put(field.getName(), field.getInt(null));
    }

    Map<String, Integer> header = CHeaders.cudaValues();
    header.keySet().removeIf(CHeaders::isError); // those are held by the test of the errors
    assertThat(header).hasSizeGreaterThan(80).isEqualTo(java);
  }

  @Test
  void a_struct_of_bytes_travels_by_value() {
    String text =
        """
        enum some { ONE = 1, MINUS = -1 };
        typedef struct { char bytes[16]; } id;
        int32_t join(id who, uint8_t flag, uint64_t count);
        """;

    MemoryLayout id = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(16, JAVA_BYTE));
    assertThat(CHeader.parse(text))
        .containsOnly(Map.entry("join", FunctionDescriptor.of(JAVA_INT, id, JAVA_BYTE, JAVA_LONG)));
    assertThat(CHeader.values(text)).containsOnly(Map.entry("ONE", 1), Map.entry("MINUS", -1));
  }

  @Test
  void a_function_that_the_library_lacks_says_so_where_it_is_called() {
    CudaMemory old = new CudaMemory(name -> Optional.empty());

    assertThatThrownBy(() -> old.getInfo(MemorySegment.NULL, MemorySegment.NULL))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("libcuda.so.1 has no function 'cuMemGetInfo_v2'")
        .hasMessageContaining("update the NVIDIA driver");
  }
}

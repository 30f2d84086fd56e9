package dev.jlora.ffi.cuda;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said about a function that one of CUDA's libraries lacks, and when. */
class BoundLibraryTest {
  @Test
  void a_function_that_a_library_lacks_says_so_where_it_is_called() {
    CudaMemory old = new CudaMemory(name -> Optional.empty());

    assertThatThrownBy(() -> old.getInfo(MemorySegment.NULL, MemorySegment.NULL))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("libcuda.so.1 has no function 'cuMemGetInfo_v2'")
        .hasMessageContaining("update the NVIDIA driver");
  }
}

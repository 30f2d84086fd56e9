package dev.jlora.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.cuda.FakeDriver;
import dev.jlora.cuda.FakeLibrary;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.LaunchShape;
import dev.jlora.cuda.Stream;
import dev.jlora.cuda.TestGpu;
import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The kernels that would be launched, and their arguments; needs no GPU. */
class LaunchTest {
  @Property(tries = 500)
  @Label("blocks cover all rows, and their masks fit the shared memory they ask for")
  void a_block_of_layer_norm_has_room_for_its_mask(
      @ForAll @IntRange(min = 1, max = 40_000) int rows,
      @ForAll @IntRange(min = 1, max = 20_000) int columns,
      @ForAll boolean gradients,
      @ForAll @IntRange(min = 1, max = 160) int multiprocessors) {
    LayerNormShape shape = LayerNormShape.of(rows, columns, true, gradients, multiprocessors);

    assertThat((long) shape.blocks() * shape.blockRows()).isGreaterThanOrEqualTo(rows);
    assertThat((long) (shape.blocks() - 1) * shape.blockRows()).isLessThan(rows);
    assertThat(shape.threads() % shape.rowThreads()).isZero();
    assertThat(shape.sharedBytes()).isLessThanOrEqualTo(48 << 10);
    for (int block : new int[] {0, shape.blocks() / 2, shape.blocks() - 1}) {
      long begin = (long) block * shape.blockRows() * columns;
      long end = Math.min((long) rows * columns, begin + (long) shape.blockRows() * columns);
      long tiles = (end - 1) / Mask.TILE - begin / Mask.TILE + 1;
      assertThat(tiles * Mask.COUNTERS).isLessThanOrEqualTo(shape.sharedBytes());
    }
  }

  @Test
  void rows_of_bert_fill_whole_tiles() {
    LayerNormShape shape = LayerNormShape.of(4096, 768, true, false, 132);

    assertThat(shape.blockRows()).isEqualTo(32);
    assertThat(shape.blocks()).isEqualTo(128);
    assertThat(shape.sharedBytes()).isEqualTo(3 * 1024);
    assertThat(shape.rowThreads()).isEqualTo(32);
  }

  @Test
  void long_rows_take_a_block() {
    assertThat(LayerNormShape.of(10, 4096, false, false, 132).rowThreads()).isEqualTo(128);
    assertThat(LayerNormShape.of(10, 1025, false, false, 132).threads()).isEqualTo(64);
    assertThat(LayerNormShape.of(10, 65536, false, false, 132).threads()).isEqualTo(1024);
    assertThatThrownBy(() -> LayerNormShape.of(10, 65537, false, false, 132))
        .hasMessageContaining("expected 1 or more rows of 1 to 65536");
  }

  @Test
  void shapes_of_the_others() {
    assertThat(DropoutKernel.shape(1)).isEqualTo(LaunchShape.of(4, 256));
    assertThat(DropoutKernel.shape(8193)).isEqualTo(LaunchShape.of(8, 256));
    assertThat(GeluKernels.shape(100, 132).gridX()).isEqualTo(1);
    assertThat(GeluKernels.shape(1L << 40, 132).gridX()).isEqualTo(132 * 16);
    assertThat(CrossEntropyKernels.threads(2)).isEqualTo(32);
    assertThat(CrossEntropyKernels.threads(50257)).isEqualTo(512);
    assertThat(EmbeddingKernel.threads(8)).isEqualTo(32);
    assertThat(EmbeddingKernel.threads(768)).isEqualTo(256);
    assertThat(ColumnSums.workspaceRows(1)).isEqualTo(1);
    assertThat(ColumnSums.workspaceRows(1_000_000)).isLessThanOrEqualTo(256);
    assertThatThrownBy(() -> LaunchShape.of(1, 33)).hasMessageContaining("whole warps");
    assertThatThrownBy(() -> LaunchShape.of(1, 32).withRows(65536))
        .hasMessageContaining("at most 65535 rows");
  }

  @Test
  void tensors_of_a_launch_travel_in_its_arguments() {
    List<TensorList.Entry> entries =
        IntStream.range(0, 100)
            .mapToObj(i -> new TensorList.Entry(1L << 40 | i, 2, 3, 4L << 32, 5, i == 5 ? 0 : 8193))
            .toList();
    List<TensorList> lists = TensorList.of(entries);

    assertThat(lists).hasSize(2);
    assertThat(lists.getFirst().chunks()).isEqualTo(80 * 2);
    assertThat(lists.getLast().chunks()).isEqualTo(19 * 2);
    int[] words = lists.getFirst().words();
    assertThat(words).hasSize(962);
    assertThat(words.length * Integer.BYTES + 64).isLessThanOrEqualTo(4096);
    assertThat(Arrays.copyOf(words, 4)).containsExactly(0, 256, 1, 256); // low word first
    assertThat(words[2 * 3 * 80 + 1]).isEqualTo(4);
    assertThat(words[2 * 4 * 80]).isEqualTo(5);
    assertThat(words[800]).isEqualTo(8193);
    assertThat(words[800 + 80 + 3]).isEqualTo(6); // chunks before the fourth tensor
    assertThat(words[800 + 2 * 80]).isEqualTo(80);
  }

  @Test
  void masks_start_where_draws_begin() {
    assertThat(new Mask(1, 16384, 100).firstCounter()).isEqualTo(2048);
    assertThat(Mask.NONE.keepsAll()).isTrue();
    assertThat(Mask.NONE.scale()).isOne();
    assertThatThrownBy(() -> new Mask(1, 5, 100)).hasMessageContaining("multiple of 8192");
  }

  /** Over a driver that remembers. */
  @ExtendWith(ScopedTensors.class)
  @Nested
  class Launched {
    @TempDir Path cache;

    private final List<String> launches = new ArrayList<>();
    private final List<String> options = new ArrayList<>();

    private Kernels kernels() {
      FakeLibrary driver =
          FakeDriver.of(13000, 1)
              .on(
                  "cuLaunchKernel",
                  arguments -> {
                    MemorySegment pointers = FakeLibrary.out(arguments[9], 8 * 8);
                    long first =
                        pointers
                            .get(ValueLayout.ADDRESS, 0)
                            .reinterpret(8)
                            .get(ValueLayout.JAVA_LONG, 0);
                    launches.add(
                        "%s x %s of %s, %s bytes, stream %s, first %d"
                            .formatted(
                                arguments[1],
                                arguments[2],
                                arguments[4],
                                arguments[7],
                                arguments[8],
                                first));
                    return 0;
                  });
      FakeLibrary nvrtc =
          new FakeLibrary(Nvrtc.declarations())
              .on(
                  "nvrtcCompileProgram",
                  arguments -> {
                    int count = (int) arguments[1];
                    MemorySegment texts = FakeLibrary.out(arguments[2], 8L * count);
                    for (int i = 0; i < count; i++) {
                      options.add(
                          texts.getAtIndex(ValueLayout.ADDRESS, i).reinterpret(100).getString(0));
                    }
                    return 0;
                  })
              .on("nvrtcGetCUBINSize", arguments -> FakeDriver.answerLong(arguments[1], 16));
      return TestGpu.without(driver, nvrtc, cache);
    }

    @Test
    void gelu_is_compiled_for_its_shape_and_launched_on_the_stream() {
      Tensor x = Tensor.zeros(DType.BFLOAT16, 64, 3072);
      Tensor y = Tensor.zeros(DType.BFLOAT16, 64, 3072);
      Tensor bias = Tensor.zeros(DType.FLOAT32, 3072);
      GeluKernels gelu = new GeluKernels(kernels());
      gelu.forward(new Stream(5), y, x, bias, true);
      gelu.forward(new Stream(6), y, x, bias, true);

      assertThat(options)
          .containsExactly(
              "--gpu-architecture=sm_90",
              "--std=c++17",
              "-DCOLUMNS=3072",
              "-DELEMENT_BFLOAT16",
              "-DGELU_TANH",
              "-DPARAMETER_FLOAT32",
              "-DTHREADS=256",
              "-DVECTOR=8");
      assertThat(launches)
          .containsExactly(
              "96 x 1 of 256, 0 bytes, stream 5, first " + y.address(),
              "96 x 1 of 256, 0 bytes, stream 6, first " + y.address());
      assertThat(cache.toFile().list()).hasSize(1);
    }

    @Test
    void odd_rows_are_loaded_one_by_one() {
      Tensor x = Tensor.zeros(DType.BFLOAT16, 4, 771);
      new GeluKernels(kernels()).forward(new Stream(0), x, x, null, false);

      assertThat(options).contains("-DVECTOR=1", "-DCOLUMNS=771");
    }

    @Test
    void what_a_kernel_cannot_take_is_refused_before_it_is_compiled() {
      Tensor x = Tensor.zeros(DType.FLOAT32, 6, 4);
      Tensor turned = Views.t(Tensor.zeros(DType.FLOAT32, 4, 6));
      Tensor other = Tensor.zeros(DType.FLOAT32, 6, 5);
      Tensor bias = Tensor.zeros(DType.BFLOAT16, 4);
      GeluKernels gelu = new GeluKernels(kernels());

      assertThatThrownBy(() -> gelu.forward(new Stream(0), x, turned, null, false))
          .hasMessage(
              "gelu: got x FLOAT32[6, 4] with gaps on cpu, expected FLOAT32[6, 4], contiguous, on"
                  + " cpu");
      assertThatThrownBy(() -> gelu.forward(new Stream(0), other, x, null, false))
          .hasMessageContaining("got the result FLOAT32[6, 5] on cpu, expected FLOAT32[6, 4]");
      assertThatThrownBy(() -> gelu.forward(new Stream(0), x, x, bias, false))
          .hasMessageContaining("got the bias BFLOAT16[4]");
      assertThat(options).isEmpty();
      assertThat(launches).isEmpty();
    }

    @Test
    void layer_norm_asks_for_the_memory_of_its_mask() {
      Tensor x = Tensor.zeros(DType.FLOAT32, 64, 768);
      Tensor y = Tensor.zeros(DType.FLOAT32, 64, 768);
      Tensor mean = Tensor.zeros(DType.FLOAT32, 64);
      Tensor rstd = Tensor.zeros(DType.FLOAT32, 64);
      new LayerNormKernels(kernels())
          .forward(
              new Stream(0),
              y,
              null,
              mean,
              rstd,
              x,
              x,
              new LayerNormKernels.Parameters(null, null),
              1e-5,
              new Mask(1, 0, 60_000));

      assertThat(launches)
          .containsExactly("8 x 1 of 256, 2048 bytes, stream 0, first " + y.address());
      assertThat(options).contains("-DROW_THREADS=32", "-DVECTOR=4");
    }
  }
}

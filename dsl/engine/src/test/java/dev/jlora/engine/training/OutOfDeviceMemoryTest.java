package dev.jlora.engine.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.backend.DeviceCallException;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.TorchException;
import org.junit.jupiter.api.Test;

/** A GPU without room is explained; other failures stay what they are. */
class OutOfDeviceMemoryTest {
  private static final long USED = 900L << 20;
  private static final Plan.Memory PLAN = new Plan.Memory(400L << 20, 0, 0, 600L << 20, true);

  @Test
  void the_plan_and_what_frees_how_much_are_named() {
    var failure = new TorchException("aten::mm(...): CUDA out of memory. Tried to allocate 2 GiB.");

    assertThat(OutOfDeviceMemory.explained(failure, USED, () -> PLAN, 32))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("The GPU is out of memory. The plan was 1,000 MiB")
        .hasMessageContaining("(weights 400, activations up to 600); tensors took up to 900 MiB")
        .hasMessageContaining("a batch of 16 with twice the gradient_accumulation_steps frees")
        .hasMessageContaining("about 300 MiB")
        .hasCause(failure);
  }

  private static final class Rejected extends DeviceCallException {
    private static final long serialVersionUID = 1L;

    private final boolean outOfMemory;

    Rejected(boolean outOfMemory) {
      super("a call was rejected.", "try again");
      this.outOfMemory = outOfMemory;
    }

    @Override
    public boolean outOfMemory() {
      return outOfMemory;
    }
  }

  @Test
  void a_call_of_a_library_without_room_is_explained_too() {
    var failure = new Rejected(true);
    assertThat(OutOfDeviceMemory.explained(failure, USED, () -> PLAN, 32))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("Checkpoints that were written are intact")
        .hasCause(failure);

    var poisoned = new Rejected(false);
    assertThat(OutOfDeviceMemory.explained(poisoned, USED, () -> PLAN, 32)).isSameAs(poisoned);
  }

  @Test
  void another_failure_stays() {
    var failure = new TorchException("aten::mm(...): shapes do not fit");

    assertThat(OutOfDeviceMemory.explained(failure, USED, () -> PLAN, 32)).isSameAs(failure);
  }

  @Test
  void a_plan_that_cannot_be_counted_hides_no_failure() {
    var failure = new TorchException("CUDA out of memory. Tried to allocate 2.00 GiB");
    var uncountable = new IllegalStateException("no plan");

    assertThat(
            OutOfDeviceMemory.explained(
                failure,
                USED,
                () -> {
                  throw uncountable;
                },
                32))
        .isSameAs(failure)
        .hasSuppressedException(uncountable);
  }

  @Test
  void a_libtorch_that_gives_no_reason_is_helped_out_on_a_gpu_alone() {
    TorchException failure = TorchException.without("aten::mm([8, 8], [8, 8])");

    assertThat(OutOfDeviceMemory.explained(failure, USED, () -> PLAN, 32))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("aten::mm([8, 8], [8, 8]) failed in libtorch")
        .hasMessageContaining("as a rule the GPU is out of memory then. The plan was 1,000 MiB")
        .hasCause(failure);
    assertThat(OutOfDeviceMemory.explained(failure, 0, () -> PLAN, 32)).isSameAs(failure);
  }
}

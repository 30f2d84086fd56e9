package dev.jlora.cuda.backend;

import dev.jlora.backend.Backend;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.TestCard;
import dev.jlora.cuda.blas.InterpretedPlans;
import dev.jlora.tensor.Device;
import java.util.EnumSet;
import java.util.function.Supplier;

/**
 * What a card computes with, for tests of whole functions. On a GPU that is its own backend; where
 * a driver is emulated the CPU gets one for as long as a test works "on the card", and products are
 * interpreted.
 */
public final class BackendCard {
  private static final class Loaded {
    static final Backend BACKEND =
        TestCard.device().host()
            ? new CudaBackend(
                    TestBackends.composed(),
                    line -> {
                      throw new AssertionError(line);
                    })
                .choose(
                    TestCard.device(),
                    EnumSet.allOf(Family.class),
                    () -> new CardQueue(TestCard.kernels(), TestCard::stream),
                    InterpretedPlans::new)
            : Backend.of(TestCard.device());
  }

  private BackendCard() {}

  /** The card's. */
  public static Backend backend() {
    return Loaded.BACKEND;
  }

  /** Runs something with the card's kernels behind the functions. */
  public static <T> T with(Supplier<T> work) {
    Device device = TestCard.device();
    Backend before = Backend.of(device);
    TestBackends.set(device, Loaded.BACKEND);
    try {
      return work.get();
    } finally {
      TestBackends.set(device, before);
    }
  }
}

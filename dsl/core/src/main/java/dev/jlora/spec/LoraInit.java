package dev.jlora.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * Initialization of the LoRA matrices; PEFT's {@code init_lora_weights}.
 *
 * @param iterations of PiSSA's randomized decomposition; 0 for an exact one, and for other kinds
 */
public record LoraInit(Kind kind, int iterations) implements SpecValue {

  /** A Kaiming-uniform (a = sqrt 5), B zero: the model is unchanged at first. */
  public static final LoraInit DEFAULT = new LoraInit(Kind.DEFAULT, 0);

  /** A and B both random, for tests only. */
  public static final LoraInit RANDOM = new LoraInit(Kind.RANDOM, 0);

  /** A normal with standard deviation 1/rank, B zero. */
  public static final LoraInit GAUSSIAN = new LoraInit(Kind.GAUSSIAN, 0);

  /** A and B random with B A = 0; needs an even rank. */
  public static final LoraInit ORTHOGONAL = new LoraInit(Kind.ORTHOGONAL, 0);

  /** The principal singular vectors of the weight (arXiv:2404.02948). */
  public static final LoraInit PISSA = new LoraInit(Kind.PISSA, 0);

  /** The first columns of the weight's QR decomposition (arXiv:2406.01775). */
  public static final LoraInit OLORA = new LoraInit(Kind.OLORA, 0);

  /** What quantizing the weight loses (arXiv:2310.08659). */
  public static final LoraInit LOFTQ = new LoraInit(Kind.LOFTQ, 0);

  /** The principal components of the inputs of training data (arXiv:2410.07170). */
  public static final LoraInit EVA = new LoraInit(Kind.EVA, 0);

  /** A decomposition of the weight by the covariance of its inputs (arXiv:2406.05223). */
  public static final LoraInit CORDA = new LoraInit(Kind.CORDA, 0);

  /** The singular vectors of the weight's gradient (arXiv:2407.05000). */
  public static final LoraInit LORA_GA = new LoraInit(Kind.LORA_GA, 0);

  private static final String NITER = "pissa_niter_";

  /** Maximum number of iterations, far above any use. */
  private static final int MAX_ITERATIONS = 1000;

  /** The kinds, with PEFT's values. */
  public enum Kind {
    DEFAULT(true),
    RANDOM(false),
    GAUSSIAN("gaussian"),
    ORTHOGONAL("orthogonal"),
    PISSA("pissa"),
    OLORA("olora"),
    LOFTQ("loftq"),
    EVA("eva"),
    CORDA("corda"),
    LORA_GA("lora_ga");

    private final Object json;

    Kind(Object json) {
      this.json = json;
    }
  }

  public LoraInit {
    Problems.in("init_lora_weights")
        .unless(
            iterations == 0 || kind == Kind.PISSA && iterations > 0 && iterations <= MAX_ITERATIONS,
            "iterations: got %d with %s, expected 1 to %d with pissa, and 0 otherwise",
            iterations,
            kind.json,
            MAX_ITERATIONS)
        .throwIfAny();
  }

  /** PiSSA by a randomized decomposition, which is faster on wide weights. */
  public static LoraInit pissa(int iterations) {
    return new LoraInit(Kind.PISSA, iterations);
  }

  /**
   * Whether it moves a part of each weight to the adapter, so that the base is no longer the
   * checkpoint's.
   */
  public boolean changesBase() {
    return switch (kind) {
      case PISSA, OLORA, LOFTQ, CORDA, LORA_GA -> true;
      case DEFAULT, RANDOM, GAUSSIAN, ORTHOGONAL, EVA -> false;
    };
  }

  /** Whether it is computed from batches of the training data. */
  public boolean readsData() {
    return switch (kind) {
      case EVA, CORDA, LORA_GA -> true;
      case DEFAULT, RANDOM, GAUSSIAN, ORTHOGONAL, PISSA, OLORA, LOFTQ -> false;
    };
  }

  /** {@code true}, {@code false} or a name, as PEFT writes it. */
  @Override
  public Object json() {
    return iterations > 0 ? NITER + iterations : kind.json;
  }

  /**
   * The initialization with PEFT's name.
   *
   * @throws IllegalArgumentException with the nearest of the valid values
   */
  public static LoraInit of(Object json) {
    for (Kind kind : Kind.values()) {
      if (kind.json.equals(json)) {
        return new LoraInit(kind, 0);
      }
    }
    if (json instanceof String name && name.matches(NITER + "[1-9][0-9]{0,3}")) {
      return pissa(Integer.parseInt(name.substring(NITER.length())));
    }
    throw new IllegalArgumentException(
        "got %s, expected one of %s".formatted(json, Nearest.list(String.valueOf(json), known())));
  }

  private static List<String> known() {
    List<String> names = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      names.add(kind.json.toString());
    }
    names.add(NITER + "4");
    return names;
  }

  @Override
  public String toString() {
    return json().toString();
  }
}

package dev.jlora.adapters.oft;

import dev.jlora.spec.Bias;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.RankChecks;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OFT (orthogonal finetuning; Qiu et al., arXiv 2306.07280, and Qiu et al., arXiv 2506.19847), with
 * the fields and defaults of PEFT's {@code OFTConfig}: blocks of the inputs are rotated.
 *
 * @param rank PEFT's {@code r}: number of blocks; 0, the default, if {@code oftBlockSize} is given
 * @param oftBlockSize inputs of a block; 0 if {@code rank} is given. Default 32. A number that does
 *     not divide the inputs of a module is replaced by the nearest one that does
 * @param moduleDropout probability that a block is not rotated in a step of training; default 0
 * @param coft whether rotations are constrained to be small
 * @param eps bound of a constrained rotation; default 6e-5
 * @param blockShare whether all blocks of a module have the same rotation
 * @param useCayleyNeumann whether a sum of powers approximates the Cayley transform; default true
 * @param numCayleyNeumannTerms number of terms of that sum, 2 or more; default 5
 * @param initWeights whether rotations start at the identity; otherwise they are random, for tests
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record OftSpec(
    int rank,
    int oftBlockSize,
    double moduleDropout,
    boolean coft,
    double eps,
    boolean blockShare,
    boolean useCayleyNeumann,
    int numCayleyNeumannTerms,
    boolean initWeights,
    boolean fanInFanOut,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    List<String> modulesToSave,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "oft";

  public OftSpec {
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    Problems problems =
        Problems.in(METHOD)
            .unless(
                rank >= 0 && oftBlockSize >= 0 && (rank == 0) != (oftBlockSize == 0),
                "rank: got rank %d and oft_block_size %d, expected one of them above 0 and the"
                    + " other 0, since they determine each other",
                rank,
                oftBlockSize)
            .unless(eps > 0 && Double.isFinite(eps), "eps: got %s, expected a number above 0", eps)
            .unless(
                numCayleyNeumannTerms >= 2,
                "num_cayley_neumann_terms: got %d, expected 2 or more; with fewer, nothing is"
                    + " rotated",
                numCayleyNeumannTerms);
    RankChecks.dropout(problems, "module_dropout", moduleDropout);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static OftSpec defaults() {
    return new OftSpec(
        0, 32, 0, false, 6e-5, false, true, 5, true, false, null, null, Bias.NONE, List.of(), null,
        null);
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with PEFT's defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(OftSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<OftSpec, Builder> {
    private Builder(PartialSpec<OftSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<OftSpec> settings) {
      return new Builder(settings);
    }

    /** The number of inputs of a block; the number of blocks follows. */
    public Builder blockSize(int inputs) {
      return with("rank", 0).with("oftBlockSize", inputs);
    }

    /** The number of blocks; their size follows. */
    public Builder blocks(int number) {
      return with("rank", number).with("oftBlockSize", 0);
    }

    public Builder moduleDropout(double probability) {
      return with("moduleDropout", probability);
    }

    /** Constrains rotations to this bound. */
    public Builder constrained(double eps) {
      return with("coft", true).with("eps", eps);
    }

    public Builder blockShare(boolean shared) {
      return with("blockShare", shared);
    }

    /** The exact Cayley transform, which solves a system of equations for each block. */
    public Builder exact() {
      return with("useCayleyNeumann", false);
    }

    /** The number of terms of the approximation. */
    public Builder terms(int number) {
      return with("numCayleyNeumannTerms", number);
    }

    /** Whether rotations start at the identity. */
    public Builder init(boolean identity) {
      return with("initWeights", identity);
    }
  }
}

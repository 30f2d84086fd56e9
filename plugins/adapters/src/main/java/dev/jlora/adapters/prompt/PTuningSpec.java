package dev.jlora.adapters.prompt;

import dev.jlora.spec.PartialSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * P-tuning (arXiv:2103.10385), with the fields of PEFT's {@code PromptEncoderConfig}: a small
 * network computes the embeddings of virtual tokens before each text. Files contain only the
 * computed embeddings, as in PEFT, so that a saved adapter cannot be trained further.
 *
 * @param numVirtualTokens number of virtual tokens; default 20 (PEFT has none)
 * @param tokenDim width of the model's embeddings; null for the configuration's
 * @param numTransformerSubmodules 1 or null
 * @param numAttentionHeads only written to the file; null for the configuration's
 * @param numLayers only written to the file; null for the configuration's
 * @param encoderReparameterizationType the network; default an MLP
 * @param encoderHiddenSize its width; null for {@code tokenDim}
 * @param encoderNumLayers layers of the LSTM; an MLP always has 3 linear layers. Default 2
 * @param encoderDropout dropout between the layers of the LSTM; default 0
 * @param modulesToSave modules trained in full, in addition to the task's head
 */
public record PTuningSpec(
    int numVirtualTokens,
    @Nullable Integer tokenDim,
    @Nullable Integer numTransformerSubmodules,
    @Nullable Integer numAttentionHeads,
    @Nullable Integer numLayers,
    EncoderType encoderReparameterizationType,
    @Nullable Integer encoderHiddenSize,
    int encoderNumLayers,
    double encoderDropout,
    List<String> modulesToSave)
    implements PromptSpec {

  public static final String METHOD = "p-tuning";

  /** Far above any use. */
  private static final int MAX_LAYERS = 64;

  public PTuningSpec {
    modulesToSave = List.copyOf(modulesToSave);
    var problems =
        PromptSpec.check(
            METHOD,
            numVirtualTokens,
            tokenDim,
            numTransformerSubmodules,
            numAttentionHeads,
            numLayers,
            modulesToSave);
    PromptSpec.checkSize(problems, "encoder_hidden_size", encoderHiddenSize);
    problems
        .unless(
            encoderNumLayers > 0 && encoderNumLayers <= MAX_LAYERS,
            "encoder_num_layers: got %d, expected 1 to %d",
            encoderNumLayers,
            MAX_LAYERS)
        .unless(
            encoderDropout >= 0 && encoderDropout < 1,
            "encoder_dropout: got %s, expected 0 or more and less than 1",
            encoderDropout)
        .throwIfAny();
  }

  /** PEFT's defaults, and 20 virtual tokens. */
  public static PTuningSpec defaults() {
    return new PTuningSpec(20, null, null, null, null, EncoderType.MLP, null, 2, 0, List.of());
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with the defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(PTuningSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends PromptBuilder<PTuningSpec, Builder> {
    private Builder(PartialSpec<PTuningSpec> partial) {
      super(partial);
    }

    @Override
    Builder with(PartialSpec<PTuningSpec> settings) {
      return new Builder(settings);
    }

    /** The network that computes the virtual tokens. */
    public Builder encoder(EncoderType type) {
      return with("encoderReparameterizationType", type);
    }

    /** The width of the network. */
    public Builder encoderHiddenSize(int size) {
      return with("encoderHiddenSize", size);
    }

    /** The number of layers of the LSTM. */
    public Builder encoderLayers(int count) {
      return with("encoderNumLayers", count);
    }

    /** Dropout between the layers of the LSTM. */
    public Builder encoderDropout(double probability) {
      return with("encoderDropout", probability);
    }
  }
}

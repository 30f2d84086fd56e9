package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * The pretrained model.
 *
 * @param path a folder in Hugging Face's layout: config.json, model.safetensors, tokenizer.json
 * @param precision of the frozen weights and the activations; default fp32
 * @param architecture the transformers class to build ({@code BertForSequenceClassification}); null
 *     uses the one for the task
 * @param adapter the folder of a saved adapter to start from, jlora's or PEFT's; its configuration
 *     is taken over. Null starts with a new one
 */
public record ModelSpec(
    String path, Precision precision, @Nullable String architecture, @Nullable String adapter)
    implements Spec {

  public ModelSpec {
    Problems.in("model")
        .unless(!path.isBlank(), "path: got none, expected a model folder")
        .unlessPath("path", path)
        .unless(
            adapter == null || !adapter.isBlank(),
            "adapter: got a blank one, expected an adapter's folder, or leave it out")
        .unlessPath("adapter", adapter)
        .unless(
            architecture == null || !architecture.isBlank(),
            "architecture: got a blank one, expected a class name such as"
                + " BertForSequenceClassification, or leave it out")
        .throwIfAny();
  }

  /** Default values. */
  static ModelSpec prototype() {
    return of("required");
  }

  /** A model with a new adapter. */
  public ModelSpec(String path, Precision precision, @Nullable String architecture) {
    this(path, precision, architecture, null);
  }

  /** A model in fp32 with the task's architecture. */
  public static ModelSpec of(String path) {
    return new ModelSpec(path, Precision.FP32, null);
  }

  public ModelSpec withPrecision(Precision precision) {
    return new ModelSpec(path, precision, architecture, adapter);
  }

  public ModelSpec withArchitecture(String architecture) {
    return new ModelSpec(path, precision, architecture, adapter);
  }

  /** A copy with another path. */
  public ModelSpec withPath(String path) {
    return new ModelSpec(path, precision, architecture, adapter);
  }

  /** A copy that starts from the weights of a saved adapter. */
  public ModelSpec withAdapter(String folder) {
    return new ModelSpec(path, precision, architecture, folder);
  }

  @Override
  public String toString() {
    return json();
  }
}

package dev.jlora.distribution;

import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link TinyBert} for sequence classification whose head ignores the text: its weights are 0, so
 * the logits of every row are its biases, and losses can be computed with pen and paper.
 */
final class KnownHead {
  private static final int HIDDEN = 32;

  private KnownHead() {}

  /** Writes the model's folder, with a label and a logit each. */
  static Path folder(Path folder, List<String> labels, float... logits) {
    TinyBert.folder(folder);
    Path weights = folder.resolve("model.safetensors");
    try (Scope scope = Scope.open();
        SafetensorsFile file = SafetensorsFile.open(weights)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      file.entries().keySet().stream()
          .filter(name -> name.startsWith("bert."))
          .forEach(name -> tensors.put(name, file.tensor(name)));
      tensors.put(
          "bert.pooler.dense.weight", Tensor.of(new float[HIDDEN * HIDDEN], HIDDEN, HIDDEN));
      tensors.put("bert.pooler.dense.bias", Tensor.of(new float[HIDDEN], HIDDEN));
      tensors.put(
          "classifier.weight", Tensor.of(new float[logits.length * HIDDEN], logits.length, HIDDEN));
      tensors.put("classifier.bias", Tensor.of(logits, logits.length));
      SafetensorsWriter.write(weights, tensors);
    }
    var config = Json.readObject(folder.resolve("config.json"));
    config.putArray("architectures").add("BertForSequenceClassification");
    var id2label = config.putObject("id2label");
    for (int id = 0; id < labels.size(); id++) {
      id2label.put(Integer.toString(id), labels.get(id));
    }
    Json.write(folder.resolve("config.json"), config);
    return folder;
  }
}

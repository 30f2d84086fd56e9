package dev.jlora.engine.runs;

import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.io.WeightFiles;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network as a Hugging Face folder: configuration, all weights, and the tokenizer's files. If an
 * adapter gave the output layer its own weight, that is written in addition to the embeddings, and
 * the configuration says that they are not tied.
 */
public record ModelState(Network network, ModelConfig config, ModelFolder base)
    implements TrainedState {
  @Override
  public void save(Path folder) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      tensors.put(parameter.name(), parameter.value());
    }
    ModelConfig written = config;
    if (network.untied()) {
      written = config.with("tie_word_embeddings", false);
      network
          .architecture()
          .tied()
          .forEach(
              (copy, name) -> tensors.computeIfAbsent(copy, _ -> network.parameter(name).value()));
    }
    RunFolder.createFolder(folder);
    base.copyCompanions(folder);
    SavedConfig.of(written, base.config(), network.architecture().name(), tensors.values())
        .write(folder.resolve(ModelConfig.FILE));
    SafetensorsWriter.write(folder.resolve(WeightFiles.SINGLE), tensors);
  }

  @Override
  public void load(Path folder) {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(WeightFiles.SINGLE));
        Scope scope = Scope.open()) {
      for (Parameter parameter : network.parameters()) {
        if (parameter.owned()) {
          parameter.value().copyFrom(file.tensor(parameter.name()));
        }
      }
    }
  }
}

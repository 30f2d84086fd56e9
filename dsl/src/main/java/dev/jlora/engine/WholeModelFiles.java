package dev.jlora.engine;

import dev.jlora.engine.runs.RunFolder;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.Network;
import dev.jlora.model.Parameter;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network as a Hugging Face folder: configuration, every weight, and the tokenizer's files. */
record WholeModelFiles(Network network, ModelConfig config, ModelFolder base)
    implements AdapterFiles {
  private static final String WEIGHTS = "model.safetensors";

  @Override
  public void save(Path folder) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      tensors.put(parameter.name(), parameter.value());
    }
    RunFolder.createFolder(folder);
    base.copyCompanions(folder);
    config
        .with("architectures", List.of(network.architecture().name()))
        .write(folder.resolve("config.json"));
    SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors);
  }

  @Override
  public void load(Path folder) {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(WEIGHTS));
        Scope scope = Scope.open()) {
      for (Parameter parameter : network.parameters()) {
        if (parameter.owned()) {
          parameter.value().copyFrom(file.tensor(parameter.name()));
        }
      }
    }
  }
}

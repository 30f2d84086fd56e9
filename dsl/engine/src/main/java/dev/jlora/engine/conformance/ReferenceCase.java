package dev.jlora.engine.conformance;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder with one reference case.
 *
 * @param folder its location
 * @param about its case.json
 */
record ReferenceCase(Path folder, ModelConfig about) {

  static ReferenceCase open(Path folder) {
    return new ReferenceCase(folder, ModelConfig.read(folder.resolve("case.json")));
  }

  String name() {
    return folder.getFileName().toString();
  }

  String kind() {
    return about.text("kind");
  }

  Path base() {
    return folder.resolve("base");
  }

  Path adapterInit() {
    return folder.resolve("adapter_init");
  }

  /** The saved adapter {@code name} of a case with several. */
  Path adapter(String name) {
    return folder.resolve("adapters").resolve(name);
  }

  double tolerance(String key) {
    var value = about.json().path("tolerance").path(key);
    if (!value.isNumber()) {
      throw new FormatException(
          folder.resolve("case.json"),
          "has no tolerance '" + key + "'.",
          "A case says how far each kind of number may deviate.");
    }
    return value.doubleValue();
  }

  List<Double> numbers(String key) {
    var values = new ArrayList<Double>();
    about.json().path(key).forEach(value -> values.add(value.doubleValue()));
    return values;
  }

  /** {@code inputs.safetensors}; the caller closes it. */
  SafetensorsFile inputs() {
    return SafetensorsFile.open(folder.resolve("inputs.safetensors"));
  }

  /** {@code expected.safetensors}; the caller closes it. */
  SafetensorsFile expected() {
    return SafetensorsFile.open(folder.resolve("expected.safetensors"));
  }

  /** The tensors whose names start with {@code prefix}, by the rest of the name. */
  static Map<String, Tensor> tensors(SafetensorsFile file, String prefix) {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (String name : file.entries().keySet()) {
      if (name.startsWith(prefix)) {
        tensors.put(name.substring(prefix.length()), file.tensor(name));
      }
    }
    return tensors;
  }
}

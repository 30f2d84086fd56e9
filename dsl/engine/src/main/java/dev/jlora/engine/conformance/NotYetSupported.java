package dev.jlora.engine.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Features of reference cases that no plugin supports yet. Remove the line of a feature when it is
 * implemented.
 */
public enum NotYetSupported {
  DORA("DoRA", c -> adapter(c).path("use_dora").asBoolean()),
  PISSA("PiSSA", c -> adapter(c).path("init_lora_weights").asText().startsWith("pissa")),
  EMBEDDINGS("LoRA on embeddings", c -> hasTensor(c, "lora_embedding_A"));

  private final String what;
  private final Predicate<ReferenceCase> asksForIt;

  NotYetSupported(String what, Predicate<ReferenceCase> asksForIt) {
    this.what = what;
    this.asksForIt = asksForIt;
  }

  /** The missing feature, for display. */
  public String what() {
    return what;
  }

  /** The first entry that a case needs, if any. */
  static Optional<NotYetSupported> in(ReferenceCase reference) {
    return List.of(values()).stream().filter(entry -> entry.asksForIt.test(reference)).findFirst();
  }

  private static JsonNode adapter(ReferenceCase reference) {
    Path config = reference.adapterInit().resolve(PeftConfig.FILE);
    return Files.isRegularFile(config) ? Json.readObject(config) : Json.mapper().createObjectNode();
  }

  private static boolean hasTensor(ReferenceCase reference, String part) {
    Path file = reference.adapterInit().resolve(AdapterKeys.FILE);
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      return tensors.entries().keySet().stream().anyMatch(name -> name.contains(part));
    }
  }
}

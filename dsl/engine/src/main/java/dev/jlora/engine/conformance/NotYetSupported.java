package dev.jlora.engine.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
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
  ;

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

  /** The first entry that the case of a folder needs, if any. */
  public static Optional<NotYetSupported> in(Path folder) {
    return in(ReferenceCase.open(folder));
  }

  /** The first entry that a case needs, if any. */
  static Optional<NotYetSupported> in(ReferenceCase reference) {
    return List.of(values()).stream().filter(entry -> entry.asksForIt.test(reference)).findFirst();
  }

  private static boolean type(ReferenceCase reference, String peftType) {
    return adapter(reference).path("peft_type").asText().equals(peftType);
  }

  private static JsonNode adapter(ReferenceCase reference) {
    Path config = reference.adapterInit().resolve(PeftConfig.FILE);
    return Files.isRegularFile(config) ? Json.readObject(config) : Json.mapper().createObjectNode();
  }
}

package dev.jlora.spec;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checks of a {@link LoraSpec}: its values, and which of PEFT's options exclude each other. */
final class LoraChecks {
  private LoraChecks() {}

  /** With {@code target_parameters}, the list of target modules may be empty. */
  static void targets(
      Problems problems,
      @Nullable Targets targetModules,
      @Nullable Targets excludeModules,
      @Nullable List<Integer> layersToTransform,
      @Nullable String layersPattern,
      List<String> targetParameters) {
    boolean none = targetModules instanceof Targets.Names names && names.names().isEmpty();
    TargetedSpec.checkTargets(
        problems,
        none && !targetParameters.isEmpty() ? null : targetModules,
        excludeModules,
        layersToTransform,
        layersPattern);
    problems.unless(
        targetParameters.stream().noneMatch(String::isBlank),
        "target_parameters: got a blank name in %s",
        targetParameters);
  }

  static void tokens(Problems problems, @Nullable TokenIndices tokens, List<String> modulesToSave) {
    String key = "trainable_token_indices";
    switch (tokens) {
      case null -> {}
      case TokenIndices.OfInput input -> TokenIndices.check(problems, key, input.ids());
      case TokenIndices.ByName named -> {
        problems.unless(!named.ids().isEmpty(), "%s: got no embedding, expected names", key);
        named
            .ids()
            .forEach(
                (name, ids) -> {
                  TokenIndices.check(problems, "%s '%s'".formatted(key, name), ids);
                  problems.unless(
                      !modulesToSave.contains(name),
                      "%s: got '%s', which modules_to_save trains in full, expected only one of"
                          + " them",
                      key,
                      name);
                });
      }
    }
  }

  /** Repeated layers share their weights, which are then not trained themselves. */
  static void replication(
      Problems problems, List<LayerRange> ranges, Bias bias, List<String> targetParameters) {
    String key = "layer_replication: got %s";
    ranges.forEach(
        range ->
            problems.unless(
                range.start() >= 0 && range.end() > range.start(),
                key + ", expected a first layer from 0 and the one after the last",
                range.json()));
    List<Object> shown = ranges.stream().map(LayerRange::json).toList();
    problems
        .unless(
            ranges.isEmpty() || bias == Bias.NONE,
            key + " with bias, whose values the layers share, expected bias none",
            shown)
        .unless(
            ranges.isEmpty() || targetParameters.isEmpty(),
            key + " with target_parameters, which the layers share, expected one of them",
            shown);
  }

  static void combinations(Problems problems, LoraInit init, boolean useDora, boolean loraBias) {
    problems
        .unless(
            !loraBias || init.json() instanceof Boolean,
            "lora_bias: got true with init_lora_weights '%s', expected true or false there",
            init.json())
        .unless(!loraBias || !useDora, "lora_bias: got true with use_dora, expected one of them")
        .unless(
            !useDora || !init.changesBase(),
            "use_dora: got true with init_lora_weights '%s', expected one that keeps the base",
            init.json());
  }

  /** The settings of an initialization, which only jobs with that one have. */
  static void config(
      Problems problems, LoraInit init, LoraInit of, String key, @Nullable Spec settings) {
    problems.unless(
        settings == null || init.equals(of),
        "%s: got settings with init_lora_weights '%s', expected '%s' there",
        key,
        init.json(),
        of.json());
  }

  /** The parts of fused projections, and what excludes them. */
  static void slices(
      Problems problems,
      Map<String, List<Slice>> slices,
      LoraInit init,
      boolean useDora,
      boolean loraBias) {
    slices.forEach(
        (name, parts) -> {
          TargetedSpec.checkRegex(problems, "slices", name);
          problems.unless(
              !parts.isEmpty() && parts.size() == new HashSet<>(parts).size(),
              "slices '%s': got %s, expected one or more of q, k and v, each once",
              name,
              parts);
        });
    if (!slices.isEmpty()) {
      problems
          .unless(!useDora, "slices: got parts with use_dora, expected false")
          .unless(!loraBias, "slices: got parts with lora_bias, expected false")
          .unless(
              init.equals(LoraInit.DEFAULT)
                  || init.equals(LoraInit.GAUSSIAN)
                  || init.equals(LoraInit.RANDOM),
              "slices: got parts with init_lora_weights '%s', expected true, false or gaussian",
              init.json());
    }
  }

  /** The settings that an adapter of a single parameter excludes. */
  static void parameters(
      Problems problems, double dropout, boolean fanInFanOut, boolean useDora, boolean loraBias) {
    String key = "target_parameters: got names with ";
    problems
        .unless(dropout == 0, key + "dropout %s, expected dropout 0", dropout)
        .unless(!fanInFanOut, key + "fan_in_fan_out, expected false")
        .unless(!loraBias, key + "lora_bias, expected false")
        .unless(!useDora, key + "use_dora, expected false");
  }
}

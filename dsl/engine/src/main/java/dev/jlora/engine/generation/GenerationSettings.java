package dev.jlora.engine.generation;

import dev.jlora.spec.Problems;
import java.util.List;

/**
 * Settings for choosing the next tokens.
 *
 * @param maxNewTokens maximum number of tokens after a prompt
 * @param temperature divisor of the logits; 0 always takes the most probable token
 * @param topK sample from this many most probable tokens only; 0 for all
 * @param topP sample from the most probable tokens that together reach this probability; 1 for all
 * @param repetitionPenalty reduces the probability of tokens that occurred before; 1 for none
 * @param stop texts that end an answer and are not part of it
 * @param seed for sampling: the same seed samples the same tokens
 * @param cache whether to keep keys and values of earlier tokens, which affects only the speed
 */
public record GenerationSettings(
    int maxNewTokens,
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    List<String> stop,
    long seed,
    boolean cache) {
  public GenerationSettings {
    stop = List.copyOf(stop);
    Problems.in("generation")
        .unless(maxNewTokens > 0, "max_new_tokens: got %d, expected 1 or more", maxNewTokens)
        .unless(
            temperature >= 0 && Double.isFinite(temperature),
            "temperature: got %s, expected 0 (the likeliest token) or more",
            temperature)
        .unless(topK >= 0, "top_k: got %d, expected 0 (all) or more", topK)
        .unless(topP > 0 && topP <= 1, "top_p: got %s, expected more than 0 and at most 1", topP)
        .unless(
            repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
            "repetition_penalty: got %s, expected more than 0 (1 for none)",
            repetitionPenalty)
        .unless(
            stop.stream().noneMatch(String::isEmpty), "stop: got an empty text, expected some text")
        .throwIfAny();
  }

  /** Greedy decoding. */
  public static GenerationSettings greedy(int maxNewTokens) {
    return new GenerationSettings(maxNewTokens, 0, 0, 1, 1, List.of(), 0, true);
  }

  /** Sampling by probability. */
  public static GenerationSettings sampled(int maxNewTokens, double temperature, long seed) {
    return new GenerationSettings(maxNewTokens, temperature, 0, 1, 1, List.of(), seed, true);
  }

  public GenerationSettings withTopK(int k) {
    return new GenerationSettings(
        maxNewTokens, temperature, k, topP, repetitionPenalty, stop, seed, cache);
  }

  public GenerationSettings withTopP(double p) {
    return new GenerationSettings(
        maxNewTokens, temperature, topK, p, repetitionPenalty, stop, seed, cache);
  }

  public GenerationSettings withRepetitionPenalty(double penalty) {
    return new GenerationSettings(
        maxNewTokens, temperature, topK, topP, penalty, stop, seed, cache);
  }

  public GenerationSettings withStop(String... texts) {
    return new GenerationSettings(
        maxNewTokens, temperature, topK, topP, repetitionPenalty, List.of(texts), seed, cache);
  }

  public GenerationSettings withoutCache() {
    return new GenerationSettings(
        maxNewTokens, temperature, topK, topP, repetitionPenalty, stop, seed, false);
  }
}

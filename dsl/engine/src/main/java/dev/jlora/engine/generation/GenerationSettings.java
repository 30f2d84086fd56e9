package dev.jlora.engine.generation;

import dev.jlora.spec.Problems;
import java.util.List;

/**
 * How the next tokens are chosen.
 *
 * @param maxNewTokens the most tokens after a prompt
 * @param temperature logits are divided by it; 0 always takes the likeliest token
 * @param topK only so many likeliest tokens may be drawn; 0 for all
 * @param topP only the likeliest tokens that together reach this probability may be drawn; 1 for
 *     all
 * @param repetitionPenalty tokens that are there already get less likely by this; 1 for none
 * @param stop texts that end an answer; they are no part of it
 * @param seed of what is drawn: the same seed draws the same tokens
 * @param cache keep keys and values of earlier tokens, which changes nothing but the time it takes
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

  /** Always the likeliest token. */
  public static GenerationSettings greedy(int maxNewTokens) {
    return new GenerationSettings(maxNewTokens, 0, 0, 1, 1, List.of(), 0, true);
  }

  /** Drawn by probability. */
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

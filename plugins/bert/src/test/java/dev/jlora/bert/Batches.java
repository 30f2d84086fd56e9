package dev.jlora.bert;

import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Texts of token ids, all of one length, as a model takes them. */
final class Batches {
  private Batches() {}

  /** Ids and mask [B, S]; {@code padding} is seen by nobody. */
  static Map<String, Tensor> of(int[][] texts, int padding) {
    long[] ids = Arrays.stream(texts).flatMapToInt(Arrays::stream).asLongStream().toArray();
    long[] mask = Arrays.stream(ids).map(id -> id == padding ? 0 : 1).toArray();
    return Map.of(
        "input_ids", Tensor.of(ids, texts.length, texts[0].length),
        "attention_mask", Tensor.of(mask, texts.length, texts[0].length));
  }
}

package dev.jlora.data;

import dev.jlora.io.Amount;
import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Pads each batch and adds the inputs of a model:
 *
 * <ul>
 *   <li>{@code input_ids}, {@code attention_mask}: INT64 [rows, length], and {@code token_type_ids}
 *       if the model has token types
 *   <li>{@code labels}: INT64 [rows] for classes, FLOAT32 [rows] for scores, FLOAT32 [rows,
 *       classes] for multi-label, INT64 [rows, length] for tokens (padded with {@link
 *       Collator#IGNORED})
 *   <li>{@code start_positions}, {@code end_positions}: INT64 [rows] for answers
 * </ul>
 */
public final class PaddingCollator implements Collator {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final Padding padding;

  /**
   * Settings of padding.
   *
   * @param padId the padding token
   * @param toLength fixed length of every batch; 0 for the longest row of the batch
   * @param multipleOf lengths are rounded up to a multiple of this; 1 for no rounding
   * @param limit maximum rounded length, that of the model; 0 for no limit
   * @param typeIds whether the model takes {@code token_type_ids}
   * @param left whether padding comes before the tokens, as decoders need it to generate
   */
  public record Padding(
      int padId, int toLength, int multipleOf, int limit, boolean typeIds, boolean left) {
    public Padding {
      if (toLength < 0 || multipleOf < 1) {
        throw new IllegalArgumentException(
            "got padding to length %d and to a multiple of %d, expected >= 0 and >= 1"
                .formatted(toLength, multipleOf));
      }
    }

    /** To the longest row of each batch, on the right. */
    public static Padding longest(int padId, boolean typeIds) {
      return new Padding(padId, 0, 1, 0, typeIds, false);
    }

    public Padding withLength(int length) {
      return new Padding(padId, length, multipleOf, limit, typeIds, left);
    }

    public Padding withMultipleOf(int multiple) {
      return new Padding(padId, toLength, multiple, limit, typeIds, left);
    }

    /** Limits rounding to the model's maximum length. */
    public Padding withLimit(int tokens) {
      return new Padding(padId, toLength, multipleOf, tokens, typeIds, left);
    }

    public Padding onTheLeft() {
      return new Padding(padId, toLength, multipleOf, limit, typeIds, true);
    }
  }

  public PaddingCollator(Padding padding) {
    this.padding = padding;
  }

  @Override
  public HostBatch collate(List<Example> examples, BatchRows rows) {
    int length = length(examples);
    HostBatch batch = new HostBatch(rows, examples.stream().mapToLong(Example::length).sum());
    try {
      addTokens(batch, examples, length);
      addTargets(batch, examples, length);
      return batch;
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  private int length(List<Example> examples) {
    int longest = examples.stream().mapToInt(Example::length).max().orElseThrow();
    if (padding.toLength() > 0) {
      for (Example example : examples) {
        if (example.length() > padding.toLength()) {
          throw new IllegalArgumentException(
              "%s has %s, more than the %,d every batch is padded to"
                  .formatted(
                      example.where(), Amount.of(example.length(), "token"), padding.toLength()));
        }
      }
      longest = padding.toLength();
    }
    int rounded = Math.ceilDiv(Math.max(longest, 1), padding.multipleOf()) * padding.multipleOf();
    boolean tooFar = padding.limit() > 0 && rounded > padding.limit();
    return tooFar ? Math.max(longest, padding.limit()) : rounded;
  }

  private void addTokens(HostBatch batch, List<Example> examples, int length) {
    int count = examples.size();
    MemorySegment ids = batch.add("input_ids", DType.INT64, count, length);
    MemorySegment mask = batch.add("attention_mask", DType.INT64, count, length);
    for (int i = 0; i < count; i++) {
      int[] values = examples.get(i).ids();
      int start = start(values.length, length);
      for (int j = 0; j < length; j++) {
        boolean real = j >= start && j < start + values.length;
        long at = (long) i * length + j;
        ids.setAtIndex(LONG, at, real ? values[j - start] : padding.padId());
        mask.setAtIndex(LONG, at, real ? 1 : 0);
      }
    }
    if (padding.typeIds()) {
      addTypeIds(batch, examples, length);
    }
  }

  private void addTypeIds(HostBatch batch, List<Example> examples, int length) {
    MemorySegment types = batch.add("token_type_ids", DType.INT64, examples.size(), length);
    for (int i = 0; i < examples.size(); i++) {
      int[] values = examples.get(i).typeIds();
      if (values != null) {
        putRow(types, i, length, values);
      }
    }
  }

  /** Writes {@code values} as row {@code i}; the rest of the row is unchanged. */
  private void putRow(MemorySegment memory, int i, int length, int[] values) {
    long start = (long) i * length + start(values.length, length);
    for (int j = 0; j < values.length; j++) {
      memory.setAtIndex(LONG, start + j, values[j]);
    }
  }

  private int start(int used, int length) {
    return padding.left() ? length - used : 0;
  }

  private void addTargets(HostBatch batch, List<Example> examples, int length) {
    int count = examples.size();
    switch (examples.getFirst().target()) {
      case Target.None _ -> {}
      case Target.ClassId _ -> {
        MemorySegment labels = batch.add("labels", DType.INT64, count);
        for (int i = 0; i < count; i++) {
          labels.setAtIndex(LONG, i, target(Target.ClassId.class, examples.get(i)).id());
        }
      }
      case Target.Score _ -> {
        MemorySegment labels = batch.add("labels", DType.FLOAT32, count);
        for (int i = 0; i < count; i++) {
          labels.setAtIndex(FLOAT, i, target(Target.Score.class, examples.get(i)).value());
        }
      }
      case Target.MultiHot first -> {
        int classes = first.values().length;
        MemorySegment labels = batch.add("labels", DType.FLOAT32, count, classes);
        for (int i = 0; i < count; i++) {
          float[] hot = target(Target.MultiHot.class, examples.get(i)).values();
          MemorySegment.copy(hot, 0, labels, FLOAT, 4L * i * classes, classes);
        }
      }
      case Target.TokenIds _ -> {
        MemorySegment labels = batch.add("labels", DType.INT64, count, length);
        for (long i = 0; i < (long) count * length; i++) {
          labels.setAtIndex(LONG, i, IGNORED);
        }
        for (int i = 0; i < count; i++) {
          putRow(labels, i, length, target(Target.TokenIds.class, examples.get(i)).ids());
        }
      }
      case Target.Span _ -> addSpans(batch, examples, length);
    }
  }

  private void addSpans(HostBatch batch, List<Example> examples, int length) {
    MemorySegment starts = batch.add("start_positions", DType.INT64, examples.size());
    MemorySegment ends = batch.add("end_positions", DType.INT64, examples.size());
    for (int i = 0; i < examples.size(); i++) {
      Target.Span span = target(Target.Span.class, examples.get(i));
      int shift = start(examples.get(i).length(), length);
      starts.setAtIndex(LONG, i, span.start() + shift);
      ends.setAtIndex(LONG, i, span.end() + shift);
    }
  }

  private static <T extends Target> T target(Class<T> kind, Example example) {
    if (kind.isInstance(example.target())) {
      return kind.cast(example.target());
    }
    throw new IllegalArgumentException(
        "%s: its target is %s, while others of its batch have a %s"
            .formatted(example.where(), example.target(), kind.getSimpleName()));
  }
}

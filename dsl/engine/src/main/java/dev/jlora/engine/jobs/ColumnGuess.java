package dev.jlora.engine.jobs;

import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Column names of published data sets, for rows of jobs that name no columns: those of folders that
 * no run wrote.
 */
public final class ColumnGuess {
  private static final List<List<String>> PAIRS =
      List.of(
          List.of("premise", "hypothesis"),
          List.of("sentence1", "sentence2"),
          List.of("question1", "question2"),
          List.of("question", "sentence"),
          List.of("query", "passage"),
          List.of("text", "text_pair"));
  private static final List<String> TEXTS =
      List.of("text", "sentence", "review", "content", "comment", "tweet", "body", "document");
  private static final List<String> LABELS =
      List.of("label", "labels", "class", "category", "target", "sentiment", "score");
  private static final List<String> TOKENS = List.of("tokens", "words");
  private static final List<String> TAGS =
      List.of("labels", "label", "ner_tags", "pos_tags", "tags", "ner");
  private static final List<String> QUESTIONS = List.of("question", "query", "text");
  private static final List<String> CONTEXTS = List.of("context", "passage", "document");
  private static final List<String> ANSWERS = List.of("answers", "answer", "label");
  private static final List<String> IMAGES =
      List.of("image", "path", "file", "file_name", "filename");

  private ColumnGuess() {}

  /** The job's columns; usual ones among {@code there} if the job names none. */
  public static ColumnsSpec of(JobSpec job, List<String> there) {
    ColumnsSpec own = job.data().columns();
    if (job.data().train() != null || !own.equals(ColumnsSpec.defaults())) {
      return own;
    }
    return switch (job.task().name()) {
      case TaskSpec.TOKEN_CLASSIFICATION ->
          columns(null, null, first(TAGS, there), first(TOKENS, there));
      case TaskSpec.QUESTION_ANSWERING ->
          columns(first(QUESTIONS, there), first(CONTEXTS, there), first(ANSWERS, there), null);
      case TaskSpec.IMAGE_CLASSIFICATION, TaskSpec.IMAGE_FEATURE_EXTRACTION ->
          new ColumnsSpec(own.text(), null, labelled(own, there), null, first(IMAGES, there));
      case TaskSpec.CAUSAL_LM, TaskSpec.MASKED_LM ->
          columns(first(TEXTS, there), null, own.label(), null);
      default -> ofTexts(own, there);
    };
  }

  private static ColumnsSpec ofTexts(ColumnsSpec own, List<String> there) {
    Optional<List<String>> pair =
        PAIRS.stream()
            .filter(both -> both.stream().allMatch(name -> named(name, there) != null))
            .findFirst();
    String first = pair.map(both -> named(both.getFirst(), there)).orElse(first(TEXTS, there));
    String second = pair.map(both -> named(both.getLast(), there)).orElse(null);
    return columns(first, second, labelled(own, there), null);
  }

  /** The task itself reports the existing columns if none matches. */
  private static ColumnsSpec columns(
      @Nullable String text,
      @Nullable String pair,
      @Nullable String label,
      @Nullable String tokens) {
    boolean none = text == null && tokens == null;
    return new ColumnsSpec(none ? "text" : text, none ? null : pair, label, tokens);
  }

  private static @Nullable String labelled(ColumnsSpec own, List<String> there) {
    String label = first(LABELS, there);
    return label == null ? own.label() : label;
  }

  private static @Nullable String first(List<String> names, List<String> there) {
    for (String name : names) {
      String found = named(name, there);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The column with a name, ignoring case. */
  private static @Nullable String named(String name, List<String> there) {
    return there.stream()
        .filter(column -> column.toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElse(null);
  }
}

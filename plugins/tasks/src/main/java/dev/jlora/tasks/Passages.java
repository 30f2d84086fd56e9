package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spi.GenerativeTask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Reads rows as training texts of a language model. Each begins with the tokenizer's opening
 * tokens, if any, and ends with the end token:
 *
 * <ul>
 *   <li>a text, all of it trained;
 *   <li>a prompt and its completion (the second text column, or columns {@code prompt} and {@code
 *       completion} if there is no text column), as one text with nothing between them: the
 *       completion is trained;
 *   <li>a conversation (a column {@code messages} of {@code {"role", "content"}}): the assistant's
 *       messages are trained. Each message is {@code <|role|>}, a line break, its content and
 *       another line break; the assistant's end with the end token. Conversations are rejected for
 *       a model with a chat template, unless the job requests these markers.
 * </ul>
 */
final class Passages {
  private static final String PROMPT = "prompt";
  private static final String COMPLETION = "completion";
  private static final String MESSAGES = "messages";
  private static final String ASSISTANT = "assistant";

  private final TextEncoder text;
  private final ColumnsSpec columns;
  private final int end;
  private final int[] opening;
  private boolean told;

  /**
   * A row as tokens.
   *
   * @param labels the ids of trained tokens, {@link Collator#IGNORED} elsewhere
   */
  record Passage(int[] ids, int[] labels, String where) {}

  /**
   * A part of a row's text.
   *
   * @param learnt whether it is trained
   * @param ends whether the end token follows
   */
  record Part(String text, boolean learnt, boolean ends) {}

  /**
   * @throws IllegalArgumentException if the tokenizer has no end token
   */
  Passages(TextEncoder text, ColumnsSpec columns) {
    this.text = text;
    this.columns = columns;
    this.opening = text.opening();
    this.end =
        text.endId()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "causal-lm: the tokenizer has no end-of-text token, expected eos_token in"
                            + " tokenizer_config.json"));
  }

  /**
   * The passages of rows, in order.
   *
   * @param answered false for rows that are prompts to be continued: no end token is added
   */
  List<Passage> of(List<Row> rows, boolean answered) {
    return passages(rows, rows.stream().map(row -> parts(row, answered)).toList());
  }

  /**
   * The prompt of each row and the expected text: the completion, or the assistant's last message.
   *
   * @throws FormatException naming a row without a prompt
   */
  List<GenerativeTask.Prompt> prompts(List<Row> rows) {
    List<List<Part>> before = new ArrayList<>(rows.size());
    List<String> expected = new ArrayList<>(rows.size());
    for (Row row : rows) {
      List<Part> parts = parts(row, true);
      int last = parts.size() - 1;
      while (last > 0 && !parts.get(last).learnt()) {
        last--;
      }
      before.add(parts.subList(0, Math.max(0, last)));
      expected.add(parts.isEmpty() ? "" : parts.get(last).text());
    }
    List<Passage> passages = passages(rows, before);
    List<GenerativeTask.Prompt> prompts = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Passage passage = passages.get(i);
      if (passage.ids().length == 0) {
        throw new FormatException(
            passage.where(),
            "has no prompt to continue, so generated text cannot be compared with the rest.",
            "Give rows a prompt and its completion, or omit metrics of generated text.");
      }
      prompts.add(new GenerativeTask.Prompt(passage.ids(), expected.get(i), passage.where()));
    }
    return prompts;
  }

  /**
   * The tokens of the parts of each row. Parts are encoded as one text, and a token belongs to the
   * part that contains its last character: encoded separately, each part would get the tokenizer's
   * text prefix, such as SentencePiece's space.
   */
  private List<Passage> passages(List<Row> rows, List<List<Part>> parts) {
    List<List<JoinedText>> joined =
        parts.stream().map(of -> JoinedText.of(of, text.endText())).toList();
    Iterator<JoinedText.Learnt> encoded =
        JoinedText.encode(
                text, joined.stream().flatMap(List::stream).toList(), repeated(rows, joined))
            .iterator();
    List<Passage> passages = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      IntList ids = new IntList();
      IntList labels = new IntList();
      for (int id : opening) {
        ids.add(id);
        labels.add(Collator.IGNORED);
      }
      for (JoinedText one : joined.get(i)) {
        JoinedText.Learnt tokens = encoded.next();
        for (int token = 0; token < tokens.ids().length; token++) {
          int id = tokens.ids()[token];
          ids.add(id);
          labels.add(tokens.learnt().get(token) ? id : Collator.IGNORED);
        }
        if (one.ends()) {
          ids.add(end);
          labels.add(one.endLearnt() ? end : Collator.IGNORED);
        }
      }
      passages.add(new Passage(ids.toArray(), labels.toArray(), rows.get(i).where()));
    }
    return passages;
  }

  /** The location of the row of each text. */
  private static List<String> repeated(List<Row> rows, List<List<JoinedText>> joined) {
    List<String> where = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      where.addAll(Collections.nCopies(joined.get(i).size(), rows.get(i).where()));
    }
    return where;
  }

  private List<Part> parts(Row row, boolean answered) {
    String own = columns.text();
    String second = columns.textPair();
    if (own == null) {
      throw new IllegalArgumentException("data.columns: got no text column, expected its name");
    }
    if (second != null) {
      return prompted(row, own, second, answered);
    }
    if (row.has(own)) {
      return List.of(new Part(row.text(own), true, answered));
    }
    if (row.has(MESSAGES)) {
      return conversation(row);
    }
    return row.has(PROMPT)
        ? prompted(row, PROMPT, COMPLETION, answered)
        : List.of(new Part(row.text(own), true, answered)); // says which columns there are
  }

  /** Requires the columns of one of the three kinds of rows to contain texts. */
  static void check(Row row, ColumnsSpec columns) {
    String own = columns.text();
    String second = columns.textPair();
    if (own != null && second != null) {
      prompted(row, own, second, true);
    } else if (own != null && !row.has(own) && row.has(MESSAGES)) {
      messages(row);
    } else if (own != null && !row.has(own) && row.has(PROMPT)) {
      prompted(row, PROMPT, COMPLETION, true);
    } else {
      Texts.check(row, columns);
    }
  }

  private static List<Part> prompted(Row row, String prompt, String completion, boolean answered) {
    Part asked = new Part(row.text(prompt), false, false);
    return answered ? List.of(asked, new Part(row.text(completion), true, true)) : List.of(asked);
  }

  private List<Part> conversation(Row row) {
    requirePlain(row);
    return messages(row);
  }

  private static List<Part> messages(Row row) {
    List<Part> parts = new ArrayList<>();
    for (Object message : row.list(MESSAGES)) {
      if (!(message instanceof Map<?, ?> said
          && said.get("role") instanceof String role
          && said.get("content") instanceof String content)) {
        throw new FormatException(
            row.where(),
            "has a message %s in column 'messages'.".formatted(message),
            "Expected {\"role\": \"user\", \"content\": \"...\"} for each message.");
      }
      boolean learnt = role.equals(ASSISTANT);
      parts.add(new Part("<|%s|>\n".formatted(role), false, false));
      parts.add(new Part(learnt ? content : content + "\n", learnt, learnt));
    }
    return parts;
  }

  /** A model with a chat template would learn nothing useful from other markers. */
  private void requirePlain(Row row) {
    if (text.plainChat()) {
      return;
    }
    if (text.chatTemplate().isPresent()) {
      throw new FormatException(
          row.where(),
          "is a conversation (column 'messages'), and the model has a chat template of its own, in"
              + " %s, which this version does not apply.".formatted(text.chatTemplate().get()),
          "Give the rows as prompt and completion with the template's markers in them, or set"
              + " data.plain_chat (--plain-chat) to train with jlora's own markers instead:"
              + " <|role|>, a new line, the content.");
    }
    if (!told) {
      told = true;
      LoggerFactory.getLogger(Passages.class)
          .warn(
              "{}: conversations are written as <|role|>, a new line, the content: the model has no"
                  + " chat template; ask it in the same format later",
              row.where());
    }
  }
}

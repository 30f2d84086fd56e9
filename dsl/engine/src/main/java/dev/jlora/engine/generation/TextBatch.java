package dev.jlora.engine.generation;

import dev.jlora.data.TextEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * Continues texts: encodes prompts, and decodes generated tokens incrementally.
 *
 * @param tokens generates the tokens
 * @param encoder of the same model
 */
public record TextBatch(TokenGenerator tokens, TextEncoder encoder) {

  /** One result per prompt, in order. */
  public List<Generated> generate(
      List<String> prompts, GenerationSettings settings, TextListener listener) {
    List<int[]> asked = encoder.tokens(prompts, /* specialTokens= */ true);
    List<TextStream> streams = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      int row = i;
      streams.add(
          new TextStream(
              asked.get(i),
              encoder::decode,
              encoder::isBytePiece,
              settings.stop(),
              text -> listener.text(row, text)));
    }
    List<TokenGenerator.Continuation> made =
        tokens.continuations(asked, settings, (row, id) -> streams.get(row).add(id));
    List<Generated> all = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      TokenGenerator.Continuation one = made.get(i);
      String text = streams.get(i).finish();
      Generated.Finish finish =
          streams.get(i).stopped()
              ? Generated.Finish.STOP
              : one.ended() ? Generated.Finish.END : Generated.Finish.LENGTH;
      all.add(new Generated(prompts.get(i), text, one.ids().length, finish));
    }
    return List.copyOf(all);
  }
}

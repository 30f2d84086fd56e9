package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.TextEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Parts of a passage that are encoded as one text.
 *
 * @param text all parts, concatenated
 * @param bounds the end of each part in the text, ascending
 * @param learnt whether each part is trained
 * @param ends whether the end token follows
 * @param endLearnt whether the end token is trained
 */
record JoinedText(
    String text, List<Integer> bounds, List<Boolean> learnt, boolean ends, boolean endLearnt) {

  /** Tokens of a text, and which of them are trained. */
  record Learnt(int[] ids, BitSet learnt) {}

  /**
   * The parts of a passage as one text that includes its end tokens, if the tokenizer recognizes
   * them in text; otherwise one text up to each end token.
   */
  static List<JoinedText> of(List<Passages.Part> parts, Optional<String> endText) {
    List<JoinedText> all = new ArrayList<>();
    var text = new StringBuilder();
    List<Integer> bounds = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Passages.Part part = parts.get(i);
      boolean last = i == parts.size() - 1;
      text.append(part.text());
      if (part.ends() && !last && endText.isPresent()) {
        text.append(endText.get());
      }
      bounds.add(text.length());
      learnt.add(part.learnt());
      if (last || (part.ends() && endText.isEmpty())) {
        all.add(
            new JoinedText(
                text.toString(),
                List.copyOf(bounds),
                List.copyOf(learnt),
                part.ends(),
                part.learnt()));
        text.setLength(0);
        bounds.clear();
        learnt.clear();
      }
    }
    return all;
  }

  /** Encodes texts; offsets are requested only for texts with several parts. */
  static List<Learnt> encode(TextEncoder encoder, List<JoinedText> texts, List<String> where) {
    List<Integer> several = new ArrayList<>();
    List<Integer> single = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      (texts.get(i).bounds().size() > 1 ? several : single).add(i);
    }
    Learnt[] all = new Learnt[texts.size()];
    if (!single.isEmpty()) {
      List<String> those = single.stream().map(i -> texts.get(i).text()).toList();
      List<int[]> tokens = encoder.tokens(those, single.stream().map(where::get).toList(), false);
      for (int i = 0; i < single.size(); i++) {
        var learnt = new BitSet();
        learnt.set(0, tokens.get(i).length, texts.get(single.get(i)).learnt().getFirst());
        all[single.get(i)] = new Learnt(tokens.get(i), learnt);
      }
    }
    if (!several.isEmpty()) {
      List<String> those = several.stream().map(i -> texts.get(i).text()).toList();
      List<Encoded> tokens = encoder.whole(those, several.stream().map(where::get).toList());
      for (int i = 0; i < several.size(); i++) {
        all[several.get(i)] = texts.get(several.get(i)).learnt(tokens.get(i));
      }
    }
    return Arrays.asList(all);
  }

  private Learnt learnt(Encoded tokens) {
    var learnt = new BitSet();
    for (int token = 0; token < tokens.length(); token++) {
      int last = Math.max(0, tokens.details().ends()[token] - 1);
      int part = 0;
      while (part < bounds.size() - 1 && bounds.get(part) <= last) {
        part++;
      }
      learnt.set(token, this.learnt.get(part));
    }
    return new Learnt(tokens.ids(), learnt);
  }
}

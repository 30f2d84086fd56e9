package dev.jlora.tasks.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * An entity in a sequence of tags.
 *
 * @param type the part of its tags after the hyphen, {@code _} if there is none
 * @param first index of its first word
 * @param last index of its last word
 */
record Entity(String type, int first, int last) {
  private static final String OUTSIDE = "O";
  private static final String BARE = "_";

  /**
   * The entities of a sequence, as found by seqeval's default mode: tags are IOB1, IOB2 or IOBES,
   * and an inside tag begins an entity if none of its type is open.
   */
  static List<Entity> of(List<String> tags) {
    List<Entity> found = new ArrayList<>();
    String before = OUTSIDE;
    int first = 0;
    for (int i = 0; i <= tags.size(); i++) {
      String tag = i < tags.size() ? tags.get(i) : OUTSIDE;
      boolean goesOn = goesOn(before, tag);
      if (isInside(before) && !goesOn) {
        found.add(new Entity(type(before), first, i - 1));
      }
      if (isInside(tag) && !goesOn) {
        first = i;
      }
      before = tag;
    }
    return found;
  }

  /**
   * The entities that follow their scheme exactly, as found by seqeval's strict mode for IOB2 and
   * IOBES: each begins with its {@code B-} or is one {@code S-}.
   *
   * @param closing whether an entity of several words must end with its {@code E-}, as in IOBES
   */
  static List<Entity> strict(List<String> tags, boolean closing) {
    List<Entity> found = new ArrayList<>();
    int next;
    for (int first = 0; first < tags.size(); first = next) {
      next = first + 1;
      if (!begins(tags.get(first))) {
        continue;
      }
      while (next < tags.size() && goesOn(tags.get(next - 1), tags.get(next))) {
        next++;
      }
      if (!closing || ends(tags.get(next - 1))) {
        found.add(new Entity(type(tags.get(first)), first, next - 1));
      }
    }
    return found;
  }

  /** Whether labels belong to a scheme that marks the end of entities, IOBES. */
  static boolean closes(List<String> names) {
    return names.stream().anyMatch(Entity::ends);
  }

  /** Whether a tag begins an entity in every scheme: {@code B-}, {@code S-}. */
  static boolean begins(String tag) {
    return isInside(tag) && (tag.charAt(0) == 'B' || tag.charAt(0) == 'S');
  }

  private static boolean ends(String tag) {
    return isInside(tag) && (tag.charAt(0) == 'E' || tag.charAt(0) == 'S');
  }

  /** Whether {@code tag} continues the entity of {@code before}. */
  private static boolean goesOn(String before, String tag) {
    return isInside(before)
        && isInside(tag)
        && type(before).equals(type(tag))
        && (tag.charAt(0) == 'I' || tag.charAt(0) == 'E')
        && !ends(before);
  }

  /** Whether a label is an entity tag: {@code O}, {@code B-PER}, {@code I}. */
  static boolean isTag(String tag) {
    return tag.equals(OUTSIDE) || isInside(tag);
  }

  static boolean isInside(String tag) {
    return !tag.isEmpty()
        && "BIES".indexOf(tag.charAt(0)) >= 0
        && (tag.length() == 1 || tag.charAt(1) == '-');
  }

  private static String type(String tag) {
    return tag.length() <= 2 ? BARE : tag.substring(2);
  }
}

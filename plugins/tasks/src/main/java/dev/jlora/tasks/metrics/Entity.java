package dev.jlora.tasks.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * An entity in a sequence of tags.
 *
 * @param type what follows the hyphen of its tags, {@code _} where nothing does
 * @param first the place of its first word
 * @param last the place of its last word
 */
record Entity(String type, int first, int last) {
  private static final String OUTSIDE = "O";
  private static final String BARE = "_";

  /**
   * The entities of a sequence, as seqeval finds them unless told to be strict: tags are IOB1, IOB2
   * or IOBES, and a tag of the inside begins an entity where none of its type is open.
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
   * The entities that keep to their scheme to the letter, as seqeval finds them in strict mode for
   * IOB2 and IOBES: each begins with its {@code B-} or is one {@code S-}.
   *
   * @param closing whether one of several words has to end with its {@code E-}, as in IOBES
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

  /** Whether labels are those of a scheme whose entities have an end of their own, IOBES. */
  static boolean closes(List<String> names) {
    return names.stream().anyMatch(Entity::ends);
  }

  /** Whether every scheme lets a tag begin an entity: {@code B-}, {@code S-}. */
  static boolean begins(String tag) {
    return isInside(tag) && (tag.charAt(0) == 'B' || tag.charAt(0) == 'S');
  }

  private static boolean ends(String tag) {
    return isInside(tag) && (tag.charAt(0) == 'E' || tag.charAt(0) == 'S');
  }

  /** Whether {@code tag} belongs to the entity that {@code before} belongs to. */
  private static boolean goesOn(String before, String tag) {
    return isInside(before)
        && isInside(tag)
        && type(before).equals(type(tag))
        && (tag.charAt(0) == 'I' || tag.charAt(0) == 'E')
        && !ends(before);
  }

  /** Whether a tag is one of those that make entities: {@code O}, {@code B-PER}, {@code I}. */
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

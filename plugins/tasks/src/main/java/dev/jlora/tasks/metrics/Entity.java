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

  /** Whether {@code tag} belongs to the entity that {@code before} belongs to. */
  private static boolean goesOn(String before, String tag) {
    return isInside(before)
        && isInside(tag)
        && type(before).equals(type(tag))
        && (tag.charAt(0) == 'I' || tag.charAt(0) == 'E')
        && before.charAt(0) != 'E'
        && before.charAt(0) != 'S';
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

package dev.jlora.spec;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects everything that is wrong with a spec, so that a user sees it all at once.
 *
 * <pre>{@code
 * Problems.in("lora")
 *     .unless(rank > 0, "rank: got %d, expected 1 or more", rank)
 *     .throwIfAny();
 * }</pre>
 */
public final class Problems {
  private final String where;
  private final List<String> found = new ArrayList<>();

  private Problems(String where) {
    this.where = where;
  }

  /** Starts collecting; {@code where} is put in front of every problem. */
  public static Problems in(String where) {
    return new Problems(where);
  }

  /** What is put in front of every problem. */
  String where() {
    return where;
  }

  /** Notes a problem where {@code right} does not hold. */
  public Problems unless(boolean right, String problem, Object... arguments) {
    if (!right) {
      found.add(where + "." + problem.formatted(arguments));
    }
    return this;
  }

  /**
   * Notes a problem where a text cannot name a file or folder of this system.
   *
   * @param path null where none is given, which is no problem
   */
  public Problems unlessPath(String key, @Nullable String path) {
    if (path == null) {
      return this;
    }
    try {
      Path.of(path);
    } catch (InvalidPathException e) {
      found.add("%s.%s: %s".formatted(where, key, PathProblem.of(e)));
    }
    return this;
  }

  /**
   * Makes a spec, and notes its problems in place of throwing them.
   *
   * @return the spec, or null where it has problems, which {@link #throwIfAny} then reports
   */
  public <T extends @Nullable Object> @Nullable T collect(Supplier<T> spec) {
    try {
      return spec.get();
    } catch (SpecException e) {
      found.addAll(e.problems());
      return null;
    }
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * @throws SpecException with all problems, if there are any
   */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new SpecException(found);
    }
  }
}

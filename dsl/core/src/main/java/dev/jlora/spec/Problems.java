package dev.jlora.spec;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects all problems of a spec, so that they are reported at once.
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

  /** Starts collecting; {@code where} prefixes every problem. */
  public static Problems in(String where) {
    return new Problems(where);
  }

  /** The prefix of every problem. */
  String where() {
    return where;
  }

  /** Adds a problem unless {@code right} is true. */
  public Problems unless(boolean right, String problem, Object... arguments) {
    if (!right) {
      found.add(where + "." + problem.formatted(arguments));
    }
    return this;
  }

  /**
   * Adds a problem if a text cannot be a path on this system.
   *
   * @param path null for no path, which is not a problem
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
   * Creates a spec, and collects its problems instead of throwing them.
   *
   * @return the spec, or null if it has problems, which {@link #throwIfAny} then reports
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

package dev.jlora.distribution.fuzz;

import java.nio.file.Path;

/**
 * A file that is damaged, and what a user would do with it.
 *
 * @param file relative to the fixture's folder
 * @param weight the share of mutants, 1 for an ordinary kind
 */
record FuzzTarget(String file, int weight, Mutator mutator, Use use) {
  /** Reads the file the way a user's command does. */
  @FunctionalInterface
  interface Use {
    void read(Fixture fixture) throws Exception;
  }

  Path path(Fixture fixture) {
    return fixture.folder().resolve(file);
  }
}

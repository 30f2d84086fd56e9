package dev.jlora.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the jar, if there is one. */
final class Version implements IVersionProvider {

  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"jlora " + text()};
  }
}

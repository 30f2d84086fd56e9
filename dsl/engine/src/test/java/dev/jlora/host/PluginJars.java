package dev.jlora.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spi.JloraPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/** Writes real plugin jars, compiled on the spot. */
final class PluginJars {
  private static final int MINOR_OF_CLASS_FILE_VERSION = 7;

  private static final String SCHEDULE =
      """
      @Override public void configure(Binder binder) {
        Contributions.of(binder).schedule(new ScheduleFactory() {
          @Override public String name() { return "%s"; }
          @Override public Schedule create(long warmup, long total) { return step -> 0.5; }
        });
      }
      """;

  private PluginJars() {}

  /** A plugin of that class that brings one schedule of that name. */
  static void write(Path jar, String className, String schedule) throws IOException {
    writeBody(jar, className, SCHEDULE.formatted(schedule));
  }

  /** A plugin of that class with this inside its braces. */
  static void writeBody(Path jar, String className, String body) throws IOException {
    pack(jar, className, compiled(jar, className, body), _ -> true, 0);
  }

  /** The same without the classes whose files have that in their names. */
  static void writeWithout(Path jar, String className, String body, String missing)
      throws IOException {
    pack(jar, className, compiled(jar, className, body), name -> !name.contains(missing), 0);
  }

  /** A plugin whose classes say that they are of this class file version. */
  static void writeVersion(Path jar, String className, int version) throws IOException {
    Path classes = compiled(jar, className, SCHEDULE.formatted("wavy"));
    pack(jar, className, classes, _ -> true, version);
  }

  /** A jar that promises a class it does not hold. */
  static void writeBroken(Path jar, String className) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      service(out, className);
    }
  }

  /** A jar without a service file. */
  static void writeLibrary(Path jar) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("README"));
      out.write("a library".getBytes());
    }
  }

  private static Path compiled(Path jar, String className, String body) throws IOException {
    String simple = className.substring(className.lastIndexOf('.') + 1);
    String packageName = className.substring(0, className.lastIndexOf('.'));
    Path work = Files.createTempDirectory(Path.of("target"), "classes");
    Path source = work.resolve(simple + ".java");
    Files.writeString(
        source,
        """
        package %s;

        import com.google.inject.Binder;
        import dev.jlora.spi.*;

        public final class %s implements JloraPlugin {
        %s
        }
        """
            .formatted(packageName, simple, body));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                work.toString(),
                source.toString());
    assertThat(status).isZero();
    return work;
  }

  private static void pack(
      Path jar, String className, Path classes, Predicate<String> kept, int version)
      throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(classes)) {
      service(out, className);
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(file).toString();
        if (kept.test(name)) {
          byte[] bytes = Files.readAllBytes(file);
          if (version > 0) {
            bytes[MINOR_OF_CLASS_FILE_VERSION] = (byte) version;
          }
          out.putNextEntry(new JarEntry(name));
          out.write(bytes);
        }
      }
    }
  }

  private static void service(JarOutputStream out, String className) throws IOException {
    out.putNextEntry(new JarEntry("META-INF/services/" + JloraPlugin.class.getName()));
    out.write(("# what this jar brings\n" + className + " # the only one\n").getBytes());
  }
}

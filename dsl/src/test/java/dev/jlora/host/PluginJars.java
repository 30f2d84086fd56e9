package dev.jlora.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spi.JloraPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/** Writes real plugin jars, compiled on the spot. */
final class PluginJars {
  private static final String SOURCE =
      """
      package %s;

      import com.google.inject.Binder;
      import dev.jlora.spi.JloraPlugin;
      import dev.jlora.spi.Parts;
      import dev.jlora.spi.Schedule;
      import dev.jlora.spi.ScheduleFactory;

      public final class %s implements JloraPlugin {
        @Override public void configure(Binder binder) {
          Parts.of(binder).schedule(new ScheduleFactory() {
            @Override public String label() { return "%s"; }
            @Override public Schedule create(long warmup, long total) { return step -> 0.5; }
          });
        }
      }
      """;

  private PluginJars() {}

  /** A plugin of that class that brings one schedule of that name. */
  static void write(Path jar, String className, String schedule) throws IOException {
    String simple = className.substring(className.lastIndexOf('.') + 1);
    String packageName = className.substring(0, className.lastIndexOf('.'));
    Path work = Files.createTempDirectory(jar.getParent(), "classes");
    Path source = work.resolve(simple + ".java");
    Files.writeString(source, SOURCE.formatted(packageName, simple, schedule));
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
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(work)) {
      service(out, className);
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        out.putNextEntry(new JarEntry(work.relativize(file).toString()));
        out.write(Files.readAllBytes(file));
      }
    }
  }

  /** A jar that promises a class it does not hold. */
  static void writeBroken(Path jar, String className) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      service(out, className);
    }
  }

  private static void service(JarOutputStream out, String className) throws IOException {
    out.putNextEntry(new JarEntry("META-INF/services/" + JloraPlugin.class.getName()));
    out.write(className.getBytes());
  }
}

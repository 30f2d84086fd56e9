package dev.jlora.engine.jobs;

import dev.jlora.host.Plugins;
import dev.jlora.host.Registry;
import dev.jlora.io.FormatException;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.PartSpec;
import dev.jlora.spec.Spec;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.Callback;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Parameterized;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** Finds the plugin parts that a job names, and those that recognize a file. */
public final class JobParts {
  private JobParts() {}

  /**
   * Checks the names and parameters of optimizer, schedule and callbacks.
   *
   * @throws dev.jlora.host.PluginException if a part does not exist or cannot be created
   * @throws dev.jlora.spec.SpecException if its parameters are invalid
   */
  static void check(Plugins plugins, JobSpec job) {
    check(job.optimizer(), plugins.optimizers().get(job.optimizer().name()));
    check(job.schedule(), plugins.schedules().get(job.schedule().name()));
    for (CallbackSpec callback : job.callbacks()) {
      check(callback, plugins.parts(CallbackFactory.class).get(callback.name()));
    }
  }

  private static void check(PartSpec spec, Parameterized part) {
    Class<? extends Spec> type = part.parametersType();
    if (type != null) {
      spec.parametersAs(type);
    } else if (!spec.parameters().isEmpty()) {
      throw new IllegalArgumentException(
          "%s.%s: got it for '%s', which has no parameters of its own"
              .formatted(spec.kind(), spec.parameters().keySet().iterator().next(), spec.name()));
    }
  }

  /** The metrics to report: the job's, else the task's own, and the one the best is chosen by. */
  public static List<Metric> metrics(ResolvedJob work, Objective objective) {
    List<String> own = work.job().task().metrics();
    Set<String> names = new LinkedHashSet<>(own.isEmpty() ? objective.defaultMetrics() : own);
    String best = work.job().training().bestMetric();
    if (best != null && !best.equals("loss")) {
      names.add(best);
    }
    return names.stream().map(work.plugins().metrics()::get).toList();
  }

  /** The callbacks of a job. */
  public static List<Callback> callbacks(ResolvedJob work) {
    JobSpec job = work.job();
    Registry<CallbackFactory> factories = work.plugins().parts(CallbackFactory.class);
    List<Callback> callbacks = new ArrayList<>();
    job.callbacks().forEach(it -> callbacks.add(factories.get(it.name()).create(it, job)));
    return callbacks;
  }

  /** Closes callbacks that are closeable; a failure does not keep the others open. */
  public static void close(List<Callback> callbacks) {
    for (Callback callback : callbacks) {
      if (callback instanceof AutoCloseable open) {
        try {
          open.close();
        } catch (Exception e) {
          LoggerFactory.getLogger(JobParts.class).warn("a callback failed to close", e);
        }
      }
    }
  }

  /** The default targets of a method on a family: its own, else the family's. */
  public static List<String> defaultTargets(
      AdapterMethod<?> method, String modelType, List<String> ofFamily) {
    List<String> own = method.defaultTargets(modelType);
    return own.isEmpty() ? ofFamily : own;
  }

  /** The format that accepts a file's name, in a list; empty if none does. */
  static List<DatasetFormat> accepting(Plugins plugins, Path file) {
    List<DatasetFormat> formats =
        plugins.formats().all().stream().filter(it -> it.accepts(file)).toList();
    if (formats.size() > 1) {
      throw new FormatException(
          file,
          "is in more than one format by its name: %s."
              .formatted(formats.stream().map(it -> "'" + it.name() + "'").toList()),
          "Name one of them in data.format.");
    }
    return formats;
  }
}

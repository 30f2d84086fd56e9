package dev.jlora.engine.benchmarks;

import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.steps.RandomBatches;
import dev.jlora.host.Plugins;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.BatchUploader;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Times a batch whose rows have different adapters, against one adapter for all rows and against
 * one row at a time; and switching among many loaded adapters. The kinds of batches alternate, so
 * that a noisy machine slows all of them.
 */
public final class AdapterBenchmark {
  private static final int WARM_UP = 2;

  private final Plugins plugins;

  public AdapterBenchmark(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * Runs the benchmark.
   *
   * @throws RuntimeException if the model is unknown or a setting does not fit it
   */
  public AdapterReport run(AdapterBenchmarkSettings settings) {
    BenchmarkModel model =
        BenchmarkModel.of(plugins, settings.model(), settings.task(), settings.seed());
    try (Network network = model.network(settings.precision(), settings.device());
        Scope scope = Scope.open()) {
      long base = TensorMemory.liveBytes(network.device().kind());
      attach(settings, model, network);
      long adapters = TensorMemory.liveBytes(network.device().kind()) - base;
      Map<String, Tensor> batch =
          network.place(
              new RandomBatches(
                      model.config(),
                      network.architecture(),
                      model.task(),
                      settings.rows(),
                      settings.length(),
                      settings.seed())
                  .next());
      return measure(settings, network, batch, base, adapters);
    }
  }

  private static String name(int adapter) {
    return "adapter-" + adapter;
  }

  /** Adapters with random values, as after training. */
  private void attach(AdapterBenchmarkSettings settings, BenchmarkModel model, Network network) {
    AdapterMethod<?> method = plugins.adapters().get(settings.adapter().method());
    Random random = new Random(settings.seed());
    for (int i = 0; i < settings.loaded(); i++) {
      AdapterPlan plan =
          method.planOf(
              network.plan(),
              ResolvedJob.adapter(model.task(), network.architecture(), settings.adapter()),
              model.context(method, settings.seed() + i));
      Adapter adapter = plan.create(network);
      network.attach(name(i), adapter);
      for (Parameter parameter : adapter.parameters()) {
        try (var _ = Scope.open()) {
          float[] values = new float[Math.toIntExact(parameter.elements())];
          for (int j = 0; j < values.length; j++) {
            values[j] = (float) (0.02 * random.nextGaussian());
          }
          parameter.own().copyFrom(Tensor.of(values, parameter.value().shape()));
        }
      }
    }
  }

  private static AdapterReport measure(
      AdapterBenchmarkSettings settings,
      Network network,
      Map<String, Tensor> batch,
      long base,
      long adapters) {
    int rows = settings.rows();
    String[] names =
        IntStream.range(0, rows)
            .mapToObj(i -> name(i % settings.adapters()))
            .toArray(String[]::new);
    AdapterSelection mixed = AdapterSelection.perRow(names);
    List<Map<String, Tensor>> alone = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      alone.add(part(batch, i, rows, rows));
    }
    List<Map<String, Tensor>> byAdapter = new ArrayList<>();
    for (int i = 0; i < settings.adapters(); i++) {
      byAdapter.add(part(batch, i, rows, settings.adapters()));
    }
    double[][] times = new double[4][settings.runs()];
    for (int run = -WARM_UP; run < settings.runs(); run++) {
      double[] seconds = {
        seconds(network, () -> logits(network, batch, AdapterSelection.of(name(0)))),
        seconds(network, () -> logits(network, batch, mixed)),
        seconds(network, () -> each(network, alone, names)),
        seconds(network, () -> each(network, byAdapter, names))
      };
      for (int kind = 0; run >= 0 && kind < times.length; kind++) {
        times[kind][run] = seconds[kind];
      }
    }
    double difference = difference(network, batch, mixed, alone, names);
    long before = TensorMemory.liveBytes(network.device().kind());
    double switching = switching(settings, network, alone.getFirst());
    double single = median(times[0]);
    double together = median(times[1]);
    double oneByOne = median(times[2]);
    return new AdapterReport(
        settings,
        single,
        together,
        oneByOne,
        median(times[3]),
        difference,
        switching,
        adapters,
        base,
        oneByOne / together,
        single / together,
        TensorMemory.liveBytes(network.device().kind()) - before);
  }

  /** The rows first, first + step, ... of a batch. */
  private static Map<String, Tensor> part(
      Map<String, Tensor> batch, int first, int rows, int step) {
    long[] picked =
        IntStream.range(0, rows).filter(i -> i % step == first).asLongStream().toArray();
    Map<String, Tensor> part = new LinkedHashMap<>();
    batch.forEach(
        (name, tensor) ->
            part.put(
                name, tensor.rank() > 0 && tensor.size(0) == rows ? rows(tensor, picked) : tensor));
    return part;
  }

  private static Tensor rows(Tensor tensor, long[] rows) {
    Tensor[] parts = new Tensor[rows.length];
    for (int i = 0; i < rows.length; i++) {
      parts[i] = Views.slice(tensor, 0, rows[i], rows[i] + 1);
    }
    return Ops.cat(0, parts);
  }

  private static void each(Network network, List<Map<String, Tensor>> batches, String[] adapters) {
    for (int i = 0; i < batches.size(); i++) {
      logits(network, batches.get(i), AdapterSelection.of(adapters[i]));
    }
  }

  /** A pass, whose logits are computed and read. */
  private static float[] logits(
      Network network, Map<String, Tensor> batch, AdapterSelection selection) {
    try (var _ = Scope.open()) {
      ForwardContext pass = ForwardContext.inference().withoutPadding().withAdapters(selection);
      Tensor logits = network.forward(batch, pass).logits();
      return Ops.contiguous(Ops.to(logits, DType.FLOAT32)).toFloats();
    }
  }

  private static double difference(
      Network network,
      Map<String, Tensor> batch,
      AdapterSelection mixed,
      List<Map<String, Tensor>> single,
      String[] names) {
    float[] together = logits(network, batch, mixed);
    int width = together.length / names.length;
    double largest = 0;
    for (int row = 0; row < names.length; row++) {
      float[] alone = logits(network, single.get(row), AdapterSelection.of(names[row]));
      for (int i = 0; i < width; i++) {
        largest = Math.max(largest, Math.abs(together[row * width + i] - alone[i]));
      }
    }
    return largest;
  }

  /** Selects each loaded adapter, and runs a row with it outside of the measured time. */
  private static double switching(
      AdapterBenchmarkSettings settings, Network network, Map<String, Tensor> row) {
    double[] times = new double[settings.loaded()];
    for (int i = 0; i < times.length; i++) {
      AdapterSelection next = AdapterSelection.of(name(i));
      long start = System.nanoTime();
      network.select(next);
      times[i] = (System.nanoTime() - start) / 1e9;
      logits(network, row, next);
    }
    network.select(AdapterSelection.none());
    return median(times);
  }

  private static double seconds(Network network, Runnable work) {
    BatchUploader.synchronize(network.device());
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

package dev.jlora.cli;

import dev.jlora.engine.Merger;
import dev.jlora.engine.adapters.MergedModel;
import dev.jlora.engine.models.Devices;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Merges an adapter into its base model. */
@Command(
    name = "merge",
    description = "Merge a trained adapter into its base model, as a Hugging Face folder.")
final class MergeCommand implements Callable<Integer> {
  @Mixin private TrainedSource.OnBase trained = new TrainedSource.OnBase();

  @Parameters(index = "1", paramLabel = "TARGET", description = "The folder to write.")
  private Path target;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = Devices.AUTO,
      description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(names = "--overwrite", description = "Replace a model in the target folder.")
  private boolean overwrite;

  @Option(names = "--json", description = "Print the certificate of the merge as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Plugins plugins = Plugins.load();
    JobSpec job = trained.job(plugins, Map.of("training.device", device));
    MergedModel merged = new Merger(plugins).merge(job, trained.folder, target, overwrite);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(merged.certificate()) + System.lineSeparator());
    } else {
      out.println(merged.certificate().text());
      out.println("merged model in " + target);
    }
    out.flush();
    return 0;
  }
}

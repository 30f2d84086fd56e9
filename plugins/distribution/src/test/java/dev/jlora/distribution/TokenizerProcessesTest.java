package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.cli.Main;
import dev.jlora.data.tokenizer.TokenizerProcess;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in one process leave no process of a tokenizer in doubt behind, however they end. */
class TokenizerProcessesTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();

  @Test
  void no_command_leaves_a_process_behind() throws IOException {
    Path run =
        new Engine(Plugins.load())
            .train(new TinyJob(folder).job("out", t -> t.maxSteps(2)))
            .adapter();
    Path gpt = TinyGpt.folder(folder.resolve("gpt"));
    // the rules of a class that is known would replace what is in doubt
    Files.writeString(
        folder.resolve("base/tokenizer_config.json"),
        "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
    for (Path base : new Path[] {folder.resolve("base"), gpt}) {
      ObjectNode json = Json.readObject(base.resolve("tokenizer.json"));
      json.putObject("decoder").put("type", "BPEDecoder").put("suffix", "</w>"); // in doubt
      Files.writeString(base.resolve("tokenizer.json"), json.toString());
    }
    assertThat(command("predict", run.toString(), "a good film")).as(err.toString()).isZero();
    assertThat(command("eval", run.toString())).as(err.toString()).isZero();
    assertThat(command("generate", gpt.toString(), "count from")).as(err.toString()).isZero();

    // refused once its tokenizer is open: by its settings, by ids that the model has no rows for
    Files.writeString(gpt.resolve("generation_config.json"), "{\"eos_token_id\": \"x\"}");
    assertThat(command("generate", gpt.toString(), "count from")).isOne();
    ObjectNode json = Json.readObject(folder.resolve("base/tokenizer.json"));
    ((ObjectNode) json.path("model").path("vocab")).put("beyond", 100_000);
    Files.writeString(folder.resolve("base/tokenizer.json"), json.toString());
    assertThat(command("predict", run.toString(), "a good film")).isOne();
    assertThat(err.toString()).contains("eos_token_id", "has ids up to 100,000");

    // refused by the process itself
    json.putObject("pre_tokenizer").put("type", "Nothing");
    Files.writeString(folder.resolve("base/tokenizer.json"), json.toString());
    assertThat(command("predict", run.toString(), "a good film")).isOne();
    assertThat(err.toString()).contains("is not a tokenizer this version reads");
  }

  private int command(String... arguments) {
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    assertThat(ProcessHandle.current().children())
        .as(String.join(" ", arguments))
        .noneMatch(
            child ->
                child.info().commandLine().orElse("").contains(TokenizerProcess.class.getName()));
    return code;
  }
}

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;

import dev.jlora.spec.Padding;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Recording;

/**
 * Measures the cost of Flight Recorder's events in training. Two of every four steps of one run are
 * recorded, so that a drift of the machine's speed affects both kinds equally.
 *
 * <pre>./jlora run examples/benchmarks/RecordingCost.java MODEL [steps] [batch] [length]</pre>
 *
 * MODEL is a folder with a BERT of two classes. The first four steps warm up.
 */
class RecordingCost implements Callback {
  private static final int WARM_UP = 4;

  private final List<Double> plain = new ArrayList<>();
  private final List<Double> recorded = new ArrayList<>();
  private Recording recording;
  private int steps;
  private long begun;

  void main(String[] args) {
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 44;
    int batch = args.length > 2 ? Integer.parseInt(args[2]) : 8;
    int length = args.length > 3 ? Integer.parseInt(args[3]) : 128;
    finetune(args[0])
        .task(sequenceClassification("negative", "positive"))
        .adapter(lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
        .data(
            jsonl("examples/data/reviews-train.jsonl")
                .maxLength(length)
                .padding(Padding.MAX_LENGTH))
        .train(t -> t.epochs(100).maxSteps(count).batch(batch).output("runs/recording").overwrite())
        .run(this);
    IO.println("steps: %d plain, %d recorded".formatted(plain.size(), recorded.size()));
    IO.println("median: %.2f ms plain, %.2f ms recorded".formatted(at(plain, 2), at(recorded, 2)));
    IO.println("fastest tenth: %.2f and %.2f ms".formatted(at(plain, 10), at(recorded, 10)));
  }

  private static double at(List<Double> times, int part) {
    return times.stream().sorted().skip(times.size() / part).findFirst().orElse(Double.NaN);
  }

  @Override
  public void onTrainBegin(TrainerState state) {
    begun = System.nanoTime();
  }

  @Override
  public void onStep(TrainerState state, Step step) {
    double millis = (System.nanoTime() - begun) / 1e6;
    if (steps++ >= WARM_UP) {
      (recording == null ? plain : recorded).add(millis);
    }
    if (steps % 2 == 0) {
      toggle();
    }
    begun = System.nanoTime();
  }

  private void toggle() {
    if (recording != null) {
      recording.close();
      recording = null;
      return;
    }
    recording = new Recording();
    Stream.of("dev.jlora.Step", "dev.jlora.Phase").forEach(recording::enable);
    recording.start();
  }
}

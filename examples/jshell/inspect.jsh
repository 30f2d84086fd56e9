// Shows the tensors of a model and the targets of an adapter, without reading weights: ./jlora run examples/jshell/inspect.jsh [MODEL]

import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelFolder;

Path model = Path.of(arguments.isEmpty() ? "examples/models/bert-tiny-imdb" : arguments.get(0));

var config = ModelFolder.open(model).config();
System.out.printf("%s: %d layers, hidden size %d%n",
    config.modelType(), config.integer("num_hidden_layers"), config.integer("hidden_size"));

try (var checkpoint = Checkpoint.open(model)) {
  System.out.printf("%d tensors, the largest:%n", checkpoint.names().size());
  checkpoint.names().stream()
      .map(checkpoint::entry)
      .sorted(Comparator.comparing(entry -> -entry.bytes()))
      .limit(3)
      .forEach(entry -> System.out.printf("  %s %s %s%n", entry.name(), entry.dtype(), entry.shape()));
}

var plan = finetune(model)
    .task(sequenceClassification("negative", "positive"))
    .adapter(lora().rank(8).allLinear())
    .data(jsonl("examples/data/reviews-train.jsonl"))
    .plan();
System.out.println(plan);
plan.targets().stream().limit(4).forEach(target -> System.out.println("  " + target));

// Adapts a ViT that was trained on the digits 0 to 4 to the digits 5 to 9:
//   ./jlora run examples/jshell/digits.jsh MODEL MNIST.zip [OUTPUT]
// MODEL is the ViT's folder; MNIST.zip has the folders train/0 to train/9 and test/0 to test/9.
if (arguments.size() < 2) throw new IllegalArgumentException("got " + arguments + ", expected MODEL MNIST.zip [OUTPUT]");
String model = arguments.get(0);
String digits = arguments.get(1);
String output = arguments.size() > 2 ? arguments.get(2) : "runs/digits";
var run = finetune(model)
    .task(imageClassification("5", "6", "7", "8", "9"))
    .adapter(lora().rank(8).alpha(16).targets("query", "value"))
    .data(imageFolder(digits + "/train").validation(digits + "/test").onlyLabels())
    .train(t -> t.epochs(5).batch(32).learningRate(2e-3).output(output).overwrite())
    .run();
System.out.println("5 to 9: " + run.evaluation());

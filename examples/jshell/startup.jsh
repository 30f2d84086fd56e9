import static dev.jlora.Jlora.*;
import dev.jlora.spec.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
System.out.println("""
    jlora is imported. A job reads as a sentence:

      finetune("examples/models/bert-tiny-imdb")
          .task(sequenceClassification("negative", "positive"))
          .adapter(lora().rank(8).alpha(32).targets("query", "value"))
          .data(jsonl("examples/data/reviews-train.jsonl").test("examples/data/reviews-test.jsonl"))
          .train(t -> t.epochs(1).batch(16).learningRate(1e-3))

    End it with .plan() to see what it would do, or with .run() to do it.""")

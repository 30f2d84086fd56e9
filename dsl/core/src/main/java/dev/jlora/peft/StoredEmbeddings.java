package dev.jlora.peft;

import dev.jlora.model.TargetModule;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.Targets;
import java.util.List;

/**
 * The embeddings and output layers whose base weights PEFT stores with an adapter ({@code
 * save_embedding_layers="auto"}): if the targets name {@code embed_tokens} or {@code lm_head}, all
 * adapted ones.
 */
record StoredEmbeddings(TargetedPlan<?> plan) {
  private static final List<String> NAMES = List.of("embed_tokens", "lm_head");

  /** The paths of the modules. */
  List<String> modules() {
    return named()
        ? plan.targets().stream()
            .map(AdapterTarget::module)
            .filter(this::isEmbedding)
            .map(TargetModule::path)
            .toList()
        : List.of();
  }

  private boolean named() {
    return switch (plan.spec().targetModules()) {
      case Targets.Names names -> names.names().stream().anyMatch(NAMES::contains);
      case Targets.Regex regex -> {
        ModuleMatcher matcher = ModuleMatcher.of("target_modules", regex, new PythonRegex.Budget());
        yield plan.model().modules().stream()
            .filter(path -> NAMES.stream().anyMatch(name -> ModuleNames.isNamed(path, name)))
            .anyMatch(matcher::matches);
      }
      case Targets.AllLinear _ -> false;
      case null -> false;
    };
  }

  private boolean isEmbedding(TargetModule module) {
    return module.kind() == TargetModule.Kind.EMBEDDING
        || module.path().equals(plan.model().architecture().outputEmbedding());
  }
}

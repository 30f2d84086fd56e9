package dev.jlora.distribution;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Set;

/** Holds the arrows of {@code docs/architecture.md}: an import only ever points down. */
@AnalyzeClasses(packages = "dev.jlora", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  /** Where Java may see raw bytes: the tensor's own, and those of a mapped file. */
  private static final Set<String> RAW_BYTES =
      Set.of("dev.jlora.tensor", "dev.jlora.io", "dev.jlora.data");

  @ArchTest static final ArchRule imports_point_down = classes().should(new PointDown());

  @ArchTest
  static final ArchRule packages_have_no_cycles =
      slices().matching("dev.jlora.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule raw_downcalls_are_used_by_tensors_and_kernels_alone =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.jlora.ffi..", "dev.jlora.tensor", "dev.jlora.kernels")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.jlora.ffi");

  @ArchTest
  static final ArchRule raw_downcalls_into_cuda_are_used_by_cuda_alone =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.jlora.ffi.cuda", "dev.jlora.cuda..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.jlora.ffi.cuda");

  @ArchTest
  static final ArchRule native_code_is_reached_at_one_place =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.jlora.natives", "dev.jlora.ffi..", "dev.jlora.tensor")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class);

  @ArchTest
  static final ArchRule addresses_do_not_escape =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(arePublicAndKeepToThemselves())
          .should(new NotMention(MemorySegment.class));

  @ArchTest
  static final ArchRule a_service_is_found_through_the_spi_alone =
      noClasses()
          .that()
          .resideInAnyPackage("dev.jlora.engine..", "dev.jlora.model..", "dev.jlora.data..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.inject..", "picocli..");

  private static DescribedPredicate<JavaClass> arePublicAndKeepToThemselves() {
    return DescribedPredicate.describe(
        "are public, outside " + RAW_BYTES + " and below no raw layer",
        type ->
            type.getModifiers().contains(JavaModifier.PUBLIC)
                && !RAW_BYTES.contains(type.getPackageName())
                && !type.getPackageName().startsWith("dev.jlora.ffi")
                && !type.getPackageName().equals("dev.jlora.natives"));
  }

  /** Fails where a signature names a type. */
  private static final class NotMention extends ArchCondition<JavaMethod> {
    private final Class<?> type;

    NotMention(Class<?> type) {
      super("not mention " + type.getSimpleName());
      this.type = type;
    }

    @Override
    public void check(JavaMethod method, ConditionEvents events) {
      boolean mentions =
          method.getRawReturnType().isEquivalentTo(type)
              || method.getRawParameterTypes().stream().anyMatch(it -> it.isEquivalentTo(type));
      if (mentions) {
        events.add(
            SimpleConditionEvent.violated(
                method, method.getFullName() + " mentions " + type.getSimpleName()));
      }
    }
  }
}

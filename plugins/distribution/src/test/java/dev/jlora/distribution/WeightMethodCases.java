package dev.jlora.distribution;

import dev.jlora.adapters.adalora.AdaLoraSpec;
import dev.jlora.adapters.fourierft.FourierFtSpec;
import dev.jlora.adapters.hra.HraSpec;
import dev.jlora.adapters.miss.MissInit;
import dev.jlora.adapters.miss.MissSpec;
import dev.jlora.adapters.oft.OftSpec;
import dev.jlora.distribution.MethodCase.Form;
import java.util.List;

/** The lines of {@link MethodTable} for methods that compute a change of the weight. */
final class WeightMethodCases {
  private static final Form[] LINEARS = {Form.LINEAR, Form.TRANSPOSED};
  private static final Form[] PRODUCTS = {Form.LINEAR, Form.TRANSPOSED, Form.CONVOLUTION};

  private WeightMethodCases() {}

  static List<MethodCase> all() {
    return List.of(
        MethodCase.of("fourierft", FourierFtSpec.builder().frequencies(7).build(), LINEARS)
            .changing()
            .with((w, b, own, x) -> PlainDeltas.fourier(w, b, own, x, 150, 777)),
        MethodCase.of(
                "fourierft, zeros",
                FourierFtSpec.builder().frequencies(24).scaling(9).seed(5).init(true).build(),
                LINEARS)
            .with((w, b, own, x) -> PlainDeltas.fourier(w, b, own, x, 9, 5)),
        MethodCase.of("adalora", AdaLoraSpec.builder().ranks(4, 2).alpha(6).build(), PRODUCTS)
            .with((w, b, own, x) -> PlainDeltas.adaLora(w, b, own, x, 6 / (4 + 1e-5))),
        MethodCase.of(
                "adalora, random",
                AdaLoraSpec.builder().ranks(3, 3).alpha(0).init(false).build(),
                LINEARS)
            .changing()
            .with((w, b, own, x) -> PlainDeltas.adaLora(w, b, own, x, 3 / (3 + 1e-5))),
        MethodCase.of("miss", MissSpec.builder().rank(4).build(), LINEARS).with(PlainDeltas::miss),
        MethodCase.of(
                "miss, random", MissSpec.builder().rank(3).init(MissInit.RANDOM).build(), LINEARS)
            .changing()
            .with(PlainDeltas::miss),
        MethodCase.of(
                "miss, mini",
                MissSpec.builder().rank(3).miniR(2).init(MissInit.MINI).build(),
                LINEARS)
            .with(PlainDeltas::miss),
        MethodCase.of("miss, bat", MissSpec.builder().rank(2).init(MissInit.BAT).build(), LINEARS)
            .with(PlainDeltas::bat),
        MethodCase.of("hra", HraSpec.builder().rank(4).build(), PRODUCTS)
            .with(PlainRotations::reflected),
        MethodCase.of("hra, odd", HraSpec.builder().rank(3).build(), LINEARS)
            .changing()
            .with(PlainRotations::reflected),
        MethodCase.of("hra, orthogonal", HraSpec.builder().rank(3).applyGs(true).build(), PRODUCTS)
            .changing()
            .with(PlainRotations::reflectedAtOnce),
        MethodCase.of("oft", OftSpec.builder().blockSize(3).build(), PRODUCTS)
            .with((w, b, own, x) -> PlainRotations.series(w, b, own, x, 3, 4)),
        MethodCase.of("oft, two terms", OftSpec.builder().blockSize(2).terms(2).build(), LINEARS)
            .with((w, b, own, x) -> PlainRotations.series(w, b, own, x, 2, 1)),
        MethodCase.of("oft, exact", OftSpec.builder().blocks(2).exact().build(), PRODUCTS)
            .with((w, b, own, x) -> PlainRotations.cayley(w, b, own, x, 3)),
        MethodCase.of(
                "oft, shared, random",
                OftSpec.builder().blockSize(3).terms(6).blockShare(true).init(false).build(),
                PRODUCTS)
            .changing()
            .with((w, b, own, x) -> PlainRotations.series(w, b, own, x, 3, 5)));
  }
}

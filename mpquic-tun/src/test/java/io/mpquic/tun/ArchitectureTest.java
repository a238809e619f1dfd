package io.mpquic.tun;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

@AnalyzeClasses(packages = "io.mpquic.tun", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String FFI = "io.mpquic.tun.ffi..";

    @ArchTest
    static final ArchRule everyDowncallIsInOnePackage = noClasses()
            .that()
            .resideOutsideOfPackage(FFI)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Linker.class, SymbolLookup.class);

    @ArchTest
    static final ArchRule downcallsKnowNothingOfDevices = noClasses()
            .that()
            .resideInAPackage(FFI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.mpquic.tun");
}
